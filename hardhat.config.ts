// What compiles and tests the contracts, and the chains that `hardhat node` can play.
import { createRequire } from "node:module"
import hardhatEthers from "@nomicfoundation/hardhat-ethers"
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers"
import hardhatMocha from "@nomicfoundation/hardhat-mocha"
import hardhatToolboxViem from "@nomicfoundation/hardhat-toolbox-viem"
import { defineConfig } from "hardhat/config"

const require = createRequire(import.meta.url)

// One compiler profile everywhere: the gas figures are this profile's.
const solc = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: { evmVersion: "prague", viaIR: true, optimizer: { enabled: true, runs: 20_000 } },
}

const simulated = {
  type: "edr-simulated",
  chainType: "l1",
  hardfork: "prague",
  // Automine would otherwise push the clock ahead of the wall by a second a transaction.
  allowBlocksWithSameTimestamp: true,
} as const

export default defineConfig({
  plugins: [hardhatToolboxViem, hardhatEthers, hardhatChaiMatchers, hardhatMocha],
  paths: {
    sources: "./contracts",
    tests: { nodejs: "test/hardhat", mocha: "test/ethers", solidity: "test/contracts" },
  },
  solidity: { profiles: { default: solc, production: solc } },
  networks: {
    home: { ...simulated, chainId: 31337 },
    mirror: { ...simulated, chainId: 31338 },
  },
  test: { solidity: { fuzz: { runs: 256 }, invariant: { runs: 64, depth: 50 } } },
})
