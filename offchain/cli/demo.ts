// `allora demo`: the whole network on this machine.
import { Command } from "commander"
import { wholeNumber } from "./options.ts"

type Flags = { readonly epochs: number; readonly once?: boolean; readonly verifyEpoch?: number }

export function demoCommand(): Command {
  return new Command("demo")
    .description("run a whole network on this machine, on real data, and show what it does")
    .option("--epochs <n>", "how many epochs of each topic", wholeNumber(1), 60)
    .option("--once", "end after the last step instead of staying up")
    .option(
      "--verify-epoch <n>",
      "which epoch to verify at the end (default: drawn by chance)",
      wholeNumber(1),
    )
    .action(async ({ epochs, once = false, verifyEpoch }: Flags) => {
      const { runDemo } = await import("../demo.ts")
      await runDemo({ epochs, once, ...(verifyEpoch === undefined ? {} : { verifyEpoch }) })
    })
}
