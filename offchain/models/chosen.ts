// Whose answers a worker's process sends: the bundled models, the forecaster, or a program or server of anybody's. What is
// missing for that is said before the chain is asked for anything.
import { join } from "node:path"
import type { Hex } from "viem"
import { NodeError } from "../errors.ts"
import { createSigner, readKey } from "../signer.ts"
import type { WorkerModel } from "../worker.ts"
import { createAsked } from "./asked.ts"
import { type Break, breakModel } from "./broken.ts"
import { bundledModels, identityOf } from "./bundled.ts"
import { FORECASTER } from "./catalogue.ts"
import { createForecaster, type ForecasterDeps } from "./forecaster.ts"
import { createProgram } from "./program.ts"
import { createService } from "./service.ts"
import { topicNamed } from "./topics.ts"

/** Bundled models have a series and a folder of keys; one's own has a key and a command or a URL. */
export type Choice = {
  readonly series?: string
  readonly keys?: string
  readonly models?: readonly string[]
  readonly break?: Break
  readonly command?: string
  readonly url?: string
  readonly keyFile?: string
  readonly owner?: Hex
  /** How long one's own may take, in milliseconds. */
  readonly limit: number
}

export type Chosen = {
  /** Where the answers are kept unless it is said otherwise. One file for each process that may run on its own. */
  readonly answers: string
  readonly models: (deps: ForecasterDeps) => readonly WorkerModel[]
}

export function modelsOf(topicId: number, choice: Choice): Chosen {
  const { series, keys, keyFile, command, url } = choice
  if (series !== undefined && keys !== undefined) return bundled(topicId, choice, { series, keys })
  if (keyFile === undefined || (command === undefined && url === undefined))
    throw new NodeError("NoModel", {
      sentence: "nothing says whose models are to predict",
      remedy: "stop",
      required:
        "--series and --keys (bundled models), or --command or --url with --key-file (your own)",
    })
  const signer = createSigner(readKey(keyFile))
  const own = {
    name: command === undefined ? "url" : "command",
    owner: choice.owner ?? signer.address,
    signer,
    limitMs: choice.limit,
    ask: command === undefined ? createService(url as string) : createProgram(command),
  }
  return {
    answers: `${keyFile.replace(/\.key$/, "")}-topic-${topicId}.answers`,
    models: ({ clock }) => [createAsked(own, { clock })],
  }
}

function bundled(
  topicId: number,
  choice: Choice,
  { series, keys }: { readonly series: string; readonly keys: string },
): Chosen {
  const topic = topicNamed(series)
  const answersFile = (name: string) => join(keys, `${name}.answers`)
  if (choice.models?.join() === FORECASTER) {
    const own = { topic, ...identityOf(keys, FORECASTER) }
    return {
      answers: answersFile(`topic-${topicId}-${FORECASTER}`),
      models: (deps) => [createForecaster(own, deps)],
    }
  }
  const whole = bundledModels({ topic, keys, names: choice.models })
  const models = choice.break ? breakModel(whole, choice.break) : whole
  return { answers: answersFile(`topic-${topicId}`), models: () => models }
}
