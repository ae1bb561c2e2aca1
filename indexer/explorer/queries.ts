// What the pages show, asked of the same tables and views as GraphQL is. Large numbers come as text.
import type { Database } from "../rows/database.ts"
import { settings } from "../settings.ts"

/** Points in a plot. */
const PLOTTED = 250

export type Topic = {
  id: number
  metadata: string
  topic_type: string
  loss_method: string
  labels: string[]
  length: string
  creator: string
}
export type Value = {
  epoch: number
  label: number
  about_at: string
  status: string
  value: string
  sigma: string | null
  mean: string | null
  truth: string | null
  is_pending: boolean
}
export type Newest = {
  label: number
  name: string
  /** Null also where it is void or refuted. */
  value: string | null
  sigma: string | null
  epoch: number | null
  about_at: string | null
  status: string | null
}
export type Standing = {
  worker: string
  role: string
  epochs: number
  mean_weight: string | null
  scored: number
  mean_loss: string | null
  root_mean_square: string | null
  mean_marginal: string | null
}
export type Epoch = {
  epoch: number
  observed_at: string | null
  about_at: string | null
  context: string | null
  transaction: string | null
  status: string | null
  is_pending: boolean | null
  inferers: number | null
  forecasters: number | null
  is_missed: boolean | null
  settlement: string | null
  settled_in: string | null
  is_settlement_pending: boolean | null
  taken_back: number
  network_loss: string | null
  naive_loss: string | null
}
export type Inference = {
  epoch: number
  label: number
  seat: number
  worker: string | null
  value: string
  weight: string | null
  truth: string | null
  loss: string | null
}
export type Implied = Omit<Inference, "truth">
export type Forecast = {
  seat: number
  worker: string | null
  inferer_seat: number
  inferer: string | null
  loss: string
}
export type Contribution = {
  epoch: number
  status: string
  seat: number
  worker: string | null
  role: string
  value: string
  value_without: string | null
  weight: string | null
  loss: string | null
  network_loss: string | null
  loss_without: string | null
  marginal: string | null
}
export type Truth = { label: number; reputer: string; value: string; stake: string }
export type Attestation = {
  transaction: string
  era: number
  slot: string
  view: string
  root: string
  member_ids: number[]
  poster: string
  block: string
  time: string
  quorum: number | null
  members: number | null
}
export type Dispute = {
  message: string
  outcome: string
  epoch: number
  label: number | null
  claim: string | null
  at: string | null
  member_ids: number[]
  moved: boolean
  caller: string
  time: string
  transaction: string
}
export type Demand = {
  epoch: number
  kind: number
  index: number
  demander: string
  bond: string
  publish_before: string
  status: string
  bond_owner: string | null
}
export type Settlement = { generation: number; status: string; taken_back_at: string | null }
export type Skill = {
  scored: number
  missed: number
  network_loss: string | null
  naive_loss: string | null
  skill: string | null
}
export type Calibration = {
  label: number
  scored: number
  within_one_sigma: number
  within_two_sigma: number
}

export type Queries = ReturnType<typeof createQueries>

export function createQueries({ query }: Database) {
  const P = `"${settings().schema}"`
  return {
    topics: () => query<Topic>(`SELECT * FROM ${P}.topic ORDER BY id`),
    topic: async (id: number) =>
      (await query<Topic>(`SELECT * FROM ${P}.topic WHERE id = $1`, [id]))[0],
    newest: (id: number) =>
      query<Newest>(`SELECT * FROM ${P}.label WHERE topic_id = $1 ORDER BY label`, [id]),
    reported: async (id: number) =>
      Number(
        (
          await query<{ count: string }>(
            `SELECT count(*) AS count FROM ${P}.report WHERE topic_id = $1 AND label = 0`,
            [id],
          )
        )[0]?.count ?? 0,
      ),
    /** The newest values of a topic, oldest of them first. */
    values: async (id: number, epochs = PLOTTED) =>
      query<Value>(
        `SELECT * FROM ${P}.value WHERE topic_id = $1
           AND epoch > (SELECT max(epoch) FROM ${P}.report WHERE topic_id = $1) - $2
         ORDER BY epoch, label`,
        [id, epochs],
      ),
    /** Of the newest epochs, who said what with which weight. */
    inferences: (id: number, epochs = PLOTTED) =>
      query<Inference>(
        `SELECT * FROM ${P}.inference WHERE topic_id = $1 AND label = 0
           AND epoch > (SELECT max(epoch) FROM ${P}.report WHERE topic_id = $1) - $2
         ORDER BY epoch, seat`,
        [id, epochs],
      ),
    /** The same of the forecasters' implied values. */
    implied: (id: number, epochs = PLOTTED) =>
      query<Implied>(
        `SELECT * FROM ${P}.implied_value WHERE topic_id = $1 AND label = 0
           AND epoch > (SELECT max(epoch) FROM ${P}.report WHERE topic_id = $1) - $2
         ORDER BY epoch, seat`,
        [id, epochs],
      ),
    standings: (id: number) =>
      query<Standing>(
        `SELECT * FROM ${P}.leaderboard WHERE topic_id = $1
         ORDER BY mean_loss NULLS LAST, mean_weight DESC, worker`,
        [id],
      ),
    /** The newest epochs that a worker had a part in. */
    contributions: (id: number, worker: string, limit: number) =>
      query<Contribution>(
        `SELECT * FROM ${P}.contribution WHERE topic_id = $1 AND worker = $2
         ORDER BY epoch DESC, role DESC LIMIT $3`,
        [id, worker, limit],
      ),
    disputes: (id: number, limit: number) =>
      query<Dispute>(
        `SELECT * FROM ${P}.dispute WHERE topic_id = $1 ORDER BY time DESC, id DESC LIMIT $2`,
        [id, limit],
      ),
    demands: (id: number, limit: number) =>
      query<Demand>(
        `SELECT * FROM ${P}.demand WHERE topic_id = $1 ORDER BY time DESC, kind, index LIMIT $2`,
        [id, limit],
      ),
    skill: async (id: number) =>
      (await query<Skill>(`SELECT * FROM ${P}.skill WHERE topic_id = $1`, [id]))[0],
    calibration: (id: number) =>
      query<Calibration>(`SELECT * FROM ${P}.calibration WHERE topic_id = $1 ORDER BY label`, [id]),
    epochs: (id: number, limit: number) =>
      query<Epoch>(`SELECT * FROM ${P}.epoch WHERE topic_id = $1 ORDER BY epoch DESC LIMIT $2`, [
        id,
        limit,
      ]),
    epoch: async (id: number, epoch: number) =>
      (
        await query<Epoch>(`SELECT * FROM ${P}.epoch WHERE topic_id = $1 AND epoch = $2`, [
          id,
          epoch,
        ])
      )[0],
    ...ofEpoch(query, P),
  }
}

function ofEpoch(query: Database["query"], P: string) {
  const rows =
    <Row>(view: string, order: string) =>
    (id: number, epoch: number) =>
      query<Row>(
        `SELECT * FROM ${P}.${view} WHERE topic_id = $1 AND epoch = $2 ORDER BY ${order}`,
        [id, epoch],
      )
  return {
    valuesOf: rows<Value>("value", "label"),
    inferencesOf: rows<Inference>("inference", "seat, label"),
    impliedOf: rows<Implied>("implied_value", "seat, label"),
    forecastsOf: rows<Forecast>("forecast", "seat, inferer_seat"),
    contributionsOf: rows<Contribution>("contribution", "seat"),
    disputesOf: rows<Dispute>("dispute", "time, id"),
    settlementsOf: rows<Settlement>("settlement", "generation"),
    truthsOf: rows<Truth>("truth", "label, reputer"),
    attestation: async (transaction: string) =>
      (
        await query<Attestation>(
          `SELECT a.*, e.quorum, array_length(e.member_ids, 1) AS members FROM ${P}.attestation a
           LEFT JOIN ${P}.era e ON e.number = a.era WHERE a.transaction = $1`,
          [transaction],
        )
      )[0],
  }
}
