// `allora demo`: the whole network on this machine.
import { Command, Option } from "commander"
import type { BrokenWorker } from "../demo/actors.ts"
import { wholeNumber } from "./options.ts"

type Chosen = Pick<BrokenWorker, "topic" | "model">
type Flags = {
  readonly epochs: number
  readonly once?: boolean
  readonly verifyEpoch?: number
  readonly break?: string
  readonly breakAt: number
  readonly repairAt: number
}

const BROKEN = "sp500/persistence"

export function demoCommand(): Command {
  const command: Command = new Command("demo")
  return command
    .description("run a whole network on this machine, on real data, and show what it does")
    .option("--epochs <n>", "how many epochs of each topic", wholeNumber(1), 60)
    .option("--once", "end after the last step instead of staying up")
    .option(
      "--verify-epoch <n>",
      "which epoch to verify at the end (default: drawn by chance)",
      wholeNumber(1),
    )
    .addOption(
      new Option(
        "--break [topic/model]",
        "break a worker on purpose and show what becomes of its weight; 180 epochs show all of it",
      ).preset(BROKEN),
    )
    .option("--break-at <epoch>", "from which epoch on it answers wrongly", wholeNumber(1), 100)
    .option("--repair-at <epoch>", "from which epoch on it is whole again", wholeNumber(2), 130)
    .action(async (flags: Flags) => {
      const { epochs, once = false, verifyEpoch, breakAt: from, repairAt: to } = flags
      const broken = flags.break === undefined ? undefined : await chosenOf(command, flags.break)
      if (broken && (from >= to || from > epochs))
        command.error(
          `error: given --break-at ${from}, --repair-at ${to} and --epochs ${epochs}, required a first one below the second and not above the third`,
        )
      const { runDemo } = await import("../demo.ts")
      await runDemo({
        epochs,
        once,
        ...(verifyEpoch === undefined ? {} : { verifyEpoch }),
        ...(broken && { broken: { ...broken, from, to } }),
      })
    })
}

/** Which worker of which topic. */
async function chosenOf(command: Command, text: string): Promise<Chosen> {
  const { CATALOGUE } = await import("../models/catalogue.ts")
  const all = Object.entries(CATALOGUE).flatMap(([topic, models]) =>
    models.map((model) => ({ topic: topic as Chosen["topic"], model: model.name })),
  )
  const chosen = all.find(({ topic, model }) => `${topic}/${model}` === text)
  if (chosen) return chosen
  const names = all.map(({ topic, model }) => `${topic}/${model}`).join(", ")
  return command.error(`error: given "${text}", required one of ${names}`)
}
