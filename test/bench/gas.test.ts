// The gas figures are the committed ones, to the unit; `npm run bench -- gas --write` commits others.
import { deepEqual } from "node:assert/strict"
import { before, describe, it } from "node:test"
import { measureGas } from "./gas.ts"
import type { Figure } from "./main.ts"
import { differences } from "./snapshot.ts"

describe("gas", () => {
  let figures: Figure[]
  before(async () => {
    figures = await measureGas()
  })

  it("is what the snapshot says", () => {
    deepEqual(differences(figures), [])
  })

  it("is seen to have changed by one unit, or when a figure is missing or new", () => {
    const [first, ...others] = figures
    if (first === undefined) throw new Error("nothing was measured")
    const { key, value } = first
    const differs = (given: number | string, required: number | string, name = key) =>
      `GasChanged: ${name}\n  given:    ${given}\n  required: ${required}`
    deepEqual(differences([{ ...first, value: value + 1 }, ...others]), [differs(value + 1, value)])
    deepEqual(differences(others), [differs("nothing", value)])
    const added = { ...first, key: "gas.other" }
    deepEqual(differences([...figures, added]), [differs(value, "nothing", "gas.other")])
  })
})
