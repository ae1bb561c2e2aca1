// The views that rows/views.ts names are made by this: what several of them are made of, and the one function that makes one.
import { int8, onchainView, sql } from "ponder"
import { settings } from "../settings.ts"
import { ROWS_SCHEMA } from "./tables.ts"

/** The schemas: of Ponder's tables, and of the rows. */
export const P = `"${settings().schema}"`
export const R = ROWS_SCHEMA
export const time = () => int8({ mode: "bigint" })
type Columns = Parameters<typeof onchainView>[1]

/** What makes the views, in an order in which nothing is missing. Those of an older version go first. */
export const viewStatements: string[] = []

export function view(name: string, columns: Columns, query: string) {
  viewStatements.push(`DROP VIEW IF EXISTS ${P}.${name}; CREATE VIEW ${P}.${name} AS ${query};`)
  // Ponder asks the view by these names and types; that it exists is our part, see above.
  return onchainView(name, columns).as(sql.raw(query))
}

/** The settlements that were not taken back. */
export const SETTLED = `(SELECT * FROM ${P}.settlement WHERE taken_back_at IS NULL)`

/** Of each report: the settlement of its epoch, and what its rows and the settlement's say. */
export const JOINED = `${P}.report r
  LEFT JOIN ${R}.context c ON c.hash = r.context
  LEFT JOIN ${SETTLED} s ON s.topic_id = r.topic_id AND s.epoch = r.epoch`

/** The status of a report as a contract would read it at the time of the index's newest block, with which a checkpoint begins. */
export const statusOf = (
  report: string,
) => `CASE WHEN ${report}.word_status = 'Attested' AND ${report}.final_at <=
    (SELECT left(latest_checkpoint, 10)::bigint FROM ${P}._ponder_checkpoint LIMIT 1)
  THEN 'Final' ELSE ${report}.word_status END`
export const takenBackOf = (of: string) => `(SELECT count(*)::integer FROM ${P}.settlement b
  WHERE b.topic_id = ${of}.topic_id AND b.epoch = ${of}.epoch AND b.taken_back_at IS NOT NULL)`
export const IS_USABLE = "r.word_status NOT IN ('Void', 'Refuted')"

/** Who took part, once per epoch: inferers by their first label, forecasters by their implied value. */
export const PARTS = `SELECT r.topic_id, r.epoch, r.context, s.context AS settlement, i.seat, i.worker, i.value,
    'inferer' AS role, 'oneOutInferer' AS kind, ${statusOf("r")} AS status, ${IS_USABLE} AS is_usable
    FROM ${JOINED} JOIN ${R}.inference i ON i.context = r.context AND i.label = 0 WHERE r.label = 0
  UNION ALL SELECT r.topic_id, r.epoch, r.context, s.context, i.seat, i.worker, i.value,
    'forecaster', 'oneOutForecaster', ${statusOf("r")}, ${IS_USABLE}
    FROM ${JOINED} JOIN ${R}.implied i ON i.context = r.context AND i.label = 0 WHERE r.label = 0`
/** What the settlement made of a part p. */
export const SCORED = `LEFT JOIN ${R}.weight w ON w.context = p.context AND w.seat = p.seat
    LEFT JOIN ${R}.score o ON o.context = p.settlement
    LEFT JOIN ${R}.loss l ON l.context = p.settlement AND l.seat = p.seat
    LEFT JOIN ${R}.counterfactual_loss x ON x.context = p.settlement AND x.kind = p.kind AND x.seat = p.seat`
