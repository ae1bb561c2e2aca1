// The bundled models as workers, inferers all: each with its key from a folder, `<model>.key`, and its values from the series.
// The owner of the registration is the signer, unless `<model>.owner` holds another address.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Hex } from "viem"
import { NodeError } from "../errors.ts"
import { createSigner, readKey, type Signer } from "../signer.ts"
import type { WorkerModel } from "../worker.ts"
import { CATALOGUE } from "./catalogue.ts"
import { historyOf, type Model, predictWads } from "./history.ts"
import { rowOf, type Topic } from "./topics.ts"

export type BundleOptions = {
  readonly topic: Topic
  /** The folder of the keys. */
  readonly keys: string
  /** Which models; without it all that have a key in the folder. */
  readonly names?: readonly string[] | undefined
}

export function bundledModels({ topic, keys, names }: BundleOptions): readonly WorkerModel[] {
  const all = CATALOGUE[topic.name]
  const keyFile = (name: string) => join(keys, `${name}.key`)
  const chosen = names
    ? [...new Set(names)].map((name) => modelNamed(all, name))
    : all.filter(({ name }) => existsSync(keyFile(name)))
  if (chosen.length === 0)
    throw new NodeError("NoModel", {
      sentence: `no model of ${topic.name} has a key in ${keys}; make one with \`allora key new\``,
      remedy: "stop",
      required: all.map(({ name }) => keyFile(name)).join(" or "),
    })
  // A file that is missing is said now and not in the first window.
  const series = topic.series()
  return chosen.map((model) => {
    return {
      name: model.name,
      ...identityOf(keys, model.name),
      predict({ epoch, parameters: { schedule, arithmetic } }) {
        const row = rowOf(topic, epoch, schedule.firstEpoch)
        return { inference: predictWads(model, historyOf(series, row), arithmetic) }
      },
    }
  })
}

/** Whose key lies in the folder under that name. */
export function identityOf(
  keys: string,
  name: string,
): { readonly signer: Signer; readonly owner: Hex } {
  const signer = createSigner(readKey(join(keys, `${name}.key`)))
  return { signer, owner: ownerOf(join(keys, `${name}.owner`)) ?? signer.address }
}

function modelNamed(all: readonly Model[], name: string): Model {
  const model = all.find((each) => each.name === name)
  if (model) return model
  throw new NodeError("ModelUnknown", {
    sentence: "there is no model of that name for this series",
    remedy: "stop",
    given: name,
    required: all.map((each) => each.name).join(", "),
  })
}

function ownerOf(file: string): Hex | undefined {
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, "utf8").trim()
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase() as Hex
  throw new NodeError("OwnerMalformed", {
    sentence: `the file ${file} holds no owner's address`,
    remedy: "stop",
    given: text.slice(0, 80),
    required: "one line of 0x and 40 hex digits",
  })
}
