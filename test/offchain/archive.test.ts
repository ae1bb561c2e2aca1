// The attestations that a member can answer for: by epoch, the newest ones, each batch once.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createArchive } from "../../offchain/archive.ts"
import type { Posted } from "../../offchain/posting.ts"
import { report, settlement, ZERO } from "../support/posting.ts"

type Told = readonly [topicId: number, epoch: number]
const batch = (
  slot: number,
  reports: readonly Told[],
  settlements: readonly Told[] = [],
): Posted => ({
  batch: { era: 1, slot, view: 0, root: ZERO },
  reports: reports.map(([topicId, epoch]) => report(topicId, epoch)),
  settlements: settlements.map(([topicId, epoch]) => settlement(topicId, epoch)),
  attestation: "0x00",
})

describe("archive", () => {
  it("answers for an epoch's reports with their batch, and for nothing else", () => {
    const archive = createArchive()
    const both = batch(
      1,
      [
        [1, 5],
        [2, 5],
      ],
      [[1, 2]],
    )
    const settled = batch(2, [], [[1, 3]])
    archive.put(both)
    archive.put(settled)
    assert.equal(archive.get(1, 5), both)
    assert.equal(archive.get(2, 5), both)
    // A settlement of that epoch is no report of it.
    assert.equal(archive.get(1, 2), undefined)
    assert.equal(archive.get(1, 3), undefined)
  })

  it("has every batch once, oldest first, those of settlements alone too", () => {
    const archive = createArchive()
    const batches = [
      batch(
        1,
        [
          [1, 5],
          [2, 5],
        ],
        [
          [1, 2],
          [2, 2],
        ],
      ),
      batch(2, [], [[1, 3]]),
      batch(3, [[1, 6]]),
    ]
    for (const each of batches) archive.put(each)
    assert.deepEqual(
      archive.all().map(({ batch }) => batch.slot),
      [1, 2, 3],
    )
  })

  it("answers with the newest batch where an epoch was attested twice", () => {
    const archive = createArchive()
    const [first, again] = [
      batch(1, [
        [1, 5],
        [2, 5],
      ]),
      batch(1, [[1, 5]]),
    ]
    archive.put(first)
    archive.put(again)
    assert.equal(archive.get(1, 5), again)
    assert.equal(archive.get(2, 5), first)
    assert.equal(archive.all().length, 2)
  })

  it("forgets the oldest of more than 1,024", () => {
    const archive = createArchive()
    for (let epoch = 1; epoch <= 600; epoch++) archive.put(batch(epoch, [[1, epoch]], [[1, epoch]]))
    // The first 88 are gone whole: 1,200 names less 1,024.
    assert.equal(archive.all().length, 512)
    assert.deepEqual([archive.get(1, 88), archive.get(1, 89)?.batch.slot], [undefined, 89])
    assert.equal(archive.get(1, 600)?.batch.slot, 600)
  })
})
