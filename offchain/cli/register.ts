// `allora register`: the owner of a worker or reputer joins a topic. Owner and signer are one key here unless --signer
// names another.
import { Command, Option } from "commander"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & {
  readonly topic: number
  readonly keyFile: readonly string[]
  readonly signer?: string
  readonly role: keyof typeof ROLES
}

/** As `Topics` numbers them. */
const ROLES = { inferer: 1, forecaster: 2, both: 3, reputer: 4 } as const

export function registerCommand(): Command {
  return withChain(
    new Command("register")
      .description(
        "register workers or reputers for a topic; each owner pays the registration fee in ALLO",
      )
      .requiredOption("--topic <id>", "the topic", wholeNumber(1))
      .requiredOption("--key-file <file...>", "the owners' keys, one registration each")
      .option("--signer <address>", "who signs what it says; default: the owner")
      .addOption(
        new Option(
          "--role <role>",
          "what it does: predicts values, others' losses, or both; or tells what happened",
        )
          .choices(Object.keys(ROLES))
          .default("inferer"),
      ),
  ).action(async (flags: Flags) => {
    const [{ topicsAbi }, { allowFee }, { createChain }, { decimal }, signers] = await Promise.all([
      import("../../contracts/index.ts"),
      import("../allowance.ts"),
      import("../chain.ts"),
      import("../decimal.ts"),
      import("../signer.ts"),
    ])
    const chain = await createChain(flags)
    for (const file of flags.keyFile) {
      const owner = signers.createSigner(signers.readKey(file))
      const fee = await allowFee(chain, owner, "registrationFee")
      await chain.write(owner, {
        address: chain.deployment.topics,
        abi: topicsAbi,
        functionName: "register",
        args: [flags.topic, flags.signer ?? owner.address, owner.address, ROLES[flags.role]],
      })
      process.stdout.write(
        `${owner.address} is registered for topic ${flags.topic} (${flags.role}) for ${decimal(fee)} ALLO\n`,
      )
    }
  })
}
