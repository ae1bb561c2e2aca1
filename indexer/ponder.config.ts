// THE DOOR of the indexer: which chain, which contracts, which database. Addresses and the first block are the
// deployment's; where the chain and the database are, start.ts says in the environment.
import { createConfig } from "ponder"
import {
  alloAbi,
  committeeAbi,
  deployment,
  disputesAbi,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
} from "../contracts/index.ts"
import { settings } from "./settings.ts"

const { chainId, rpc, pollMs, database } = settings()
const { startBlock, allo, topics, stakes, committee, reports, settlements, disputes } =
  deployment(chainId)
const on = { chain: "home", startBlock } as const
// Ponder sends at most 20 requests a second to one address, and counts each of these as its own. A node of this machine
// takes more; who serves others as well has set its limit.
const isOurs = /^(127\.|localhost$|\[::1\]$)/.test(new URL(rpc).hostname)
const addresses = Array<string>(isOurs ? 50 : 1).fill(rpc)

export default createConfig({
  database,
  chains: {
    home: {
      id: chainId,
      rpc: addresses,
      pollingInterval: pollMs,
    },
  },
  contracts: {
    Allo: { ...on, abi: alloAbi, address: allo },
    Topics: { ...on, abi: topicsAbi, address: topics },
    Stakes: { ...on, abi: stakesAbi, address: stakes },
    Committee: { ...on, abi: committeeAbi, address: committee },
    Reports: { ...on, abi: reportsAbi, address: reports },
    Settlements: { ...on, abi: settlementsAbi, address: settlements },
    Disputes: { ...on, abi: disputesAbi, address: disputes },
  },
})
