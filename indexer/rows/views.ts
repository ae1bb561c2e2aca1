// What the chain says joined with what the rows say, asked for by GraphQL like the tables. A view is computed when it is
// asked, so it is right after a reorganisation as soon as Ponder's tables are. What is not there yet is null.
import { bigint, boolean, hex, int8, integer, onchainView, sql, text } from "ponder"
import { settings } from "../settings.ts"
import { ROWS_SCHEMA as R } from "./tables.ts"

const P = `"${settings().schema}"`
const time = () => int8({ mode: "bigint" })
type Columns = Parameters<typeof onchainView>[1]

/** What makes the views, in an order in which nothing is missing. Those of an older version go first. */
export const viewStatements: string[] = []

function view(name: string, columns: Columns, query: string) {
  viewStatements.push(`DROP VIEW IF EXISTS ${P}.${name}; CREATE VIEW ${P}.${name} AS ${query};`)
  // Ponder asks the view by these names and types; that it exists is our part, see above.
  return onchainView(name, columns).as(sql.raw(query))
}

/** Of each report: the settlement of its epoch, and what its rows and the settlement's say. */
const JOINED = `${P}.report r
  LEFT JOIN ${R}.context c ON c.hash = r.context
  LEFT JOIN ${P}.settlement s ON s.topic_id = r.topic_id AND s.epoch = r.epoch`

/** Who took part, once per epoch: inferers by their first label, forecasters by their implied value. */
const PARTS = `SELECT r.topic_id, r.epoch, r.context, s.context AS settlement, i.seat, i.worker, i.value, 'inferer' AS role
    FROM ${JOINED} JOIN ${R}.inference i ON i.context = r.context AND i.label = 0 WHERE r.label = 0
  UNION ALL SELECT r.topic_id, r.epoch, r.context, s.context, i.seat, i.worker, i.value, 'forecaster'
    FROM ${JOINED} JOIN ${R}.implied i ON i.context = r.context AND i.label = 0 WHERE r.label = 0`

export const label = view(
  "label",
  {
    topicId: integer().notNull(),
    label: integer().notNull(),
    name: text().notNull(),
    /** Of the newest report; null before the first. */
    epoch: integer(),
    value: bigint(),
    /** Null also where it is unknown. */
    sigma: bigint(),
    observedAt: time(),
    aboutAt: time(),
    finalAt: time(),
    context: hex(),
  },
  `SELECT l.topic_id, l.label, l.name, r.epoch, r.value, r.sigma, r.observed_at, r.about_at, r.final_at, r.context
    FROM ${P}.label_name l LEFT JOIN LATERAL (SELECT * FROM ${P}.report r
      WHERE r.topic_id = l.topic_id AND r.label = l.label ORDER BY r.epoch DESC LIMIT 1) r ON true`,
)

export const epoch = view(
  "epoch",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    observedAt: time(),
    aboutAt: time(),
    context: hex(),
    transaction: hex(),
    /** Whether the report's rows are still to come; null without a report. */
    isPending: boolean(),
    inferers: integer(),
    forecasters: integer(),
    /** Null until it is settled; missed: settled without a truth. */
    isMissed: boolean(),
    settlement: hex(),
    settledIn: hex(),
    isSettlementPending: boolean(),
    /** The settlement's losses, log10. */
    networkLoss: bigint(),
    naiveLoss: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.observed_at, r.about_at, r.context, r.transaction,
    c.hash IS NULL AS is_pending,
    CASE WHEN c.hash IS NULL THEN NULL ELSE
      (SELECT count(*)::integer FROM ${R}.inference i WHERE i.context = r.context AND i.label = 0) END AS inferers,
    CASE WHEN c.hash IS NULL THEN NULL ELSE
      (SELECT count(DISTINCT f.seat)::integer FROM ${R}.forecast f WHERE f.context = r.context) END AS forecasters,
    s.is_missed, s.context AS settlement, s.transaction AS settled_in,
    CASE WHEN s.context IS NULL THEN NULL ELSE d.hash IS NULL END AS is_settlement_pending,
    o.combined AS network_loss, o.naive AS naive_loss
    FROM ${JOINED}
    LEFT JOIN ${R}.context d ON d.hash = s.context
    LEFT JOIN ${R}.score o ON o.context = s.context
    WHERE r.label = 0
  UNION ALL SELECT s.topic_id, s.epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    s.is_missed, s.context, s.transaction, d.hash IS NULL, NULL, NULL
    FROM ${P}.settlement s LEFT JOIN ${R}.context d ON d.hash = s.context
    WHERE NOT EXISTS (SELECT 1 FROM ${P}.report r
      WHERE r.topic_id = s.topic_id AND r.epoch = s.epoch AND r.label = 0)`,
)

export const value = view(
  "value",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    aboutAt: time().notNull(),
    value: bigint().notNull(),
    sigma: bigint(),
    isPending: boolean().notNull(),
    /** The plain mean weighted by naive regrets. */
    naive: bigint(),
    /** Percentiles 2.28, 15.87, 50, 84.13, 97.72 of what the workers said, by weight. */
    p2: bigint(),
    p16: bigint(),
    p50: bigint(),
    p84: bigint(),
    p98: bigint(),
    /** The plain mean of what the inferers said, rounded to the nearest. */
    mean: bigint(),
    truth: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.label, r.about_at, r.value, r.sigma, c.hash IS NULL AS is_pending,
    v.naive, v.p2, v.p16, v.p50, v.p84, v.p98,
    (SELECT round(avg(i.value)) FROM ${R}.inference i
      WHERE i.context = r.context AND i.label = r.label)::numeric(78) AS mean,
    t.value AS truth
    FROM ${JOINED}
    LEFT JOIN ${R}.value v ON v.context = r.context AND v.label = r.label
    LEFT JOIN ${R}.settled t ON t.context = s.context AND t.label = r.label`,
)

export const inference = view(
  "inference",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    value: bigint().notNull(),
    /** Of the combined value; the best has 1e18. */
    weight: bigint(),
    truth: bigint(),
    /** Over all labels of the epoch, log10. */
    loss: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.label, i.seat, i.worker, i.value, w.weight, t.value AS truth, l.loss
    FROM ${JOINED}
    JOIN ${R}.inference i ON i.context = r.context AND i.label = r.label
    LEFT JOIN ${R}.weight w ON w.context = r.context AND w.seat = i.seat
    LEFT JOIN ${R}.settled t ON t.context = s.context AND t.label = r.label
    LEFT JOIN ${R}.loss l ON l.context = s.context AND l.seat = i.seat`,
)

export const forecast = view(
  "forecast",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    infererSeat: integer().notNull(),
    inferer: hex(),
    /** What the inferer's loss will be, log10. */
    loss: bigint().notNull(),
  },
  `SELECT r.topic_id, r.epoch, f.seat, f.worker, f.inferer_seat, f.inferer, f.loss
    FROM ${P}.report r JOIN ${R}.forecast f ON f.context = r.context WHERE r.label = 0`,
)

export const impliedValue = view(
  "implied_value",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    value: bigint().notNull(),
    weight: bigint(),
    loss: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.label, i.seat, i.worker, i.value, w.weight, l.loss
    FROM ${JOINED}
    JOIN ${R}.implied i ON i.context = r.context AND i.label = r.label
    LEFT JOIN ${R}.weight w ON w.context = r.context AND w.seat = i.seat
    LEFT JOIN ${R}.loss l ON l.context = s.context AND l.seat = i.seat`,
)

export const truth = view(
  "truth",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    reputer: hex().notNull(),
    value: bigint().notNull(),
    stake: bigint().notNull(),
  },
  `SELECT s.topic_id, s.epoch, t.label, t.reputer, t.value, t.stake
    FROM ${P}.settlement s JOIN ${R}.truth t ON t.context = s.context`,
)

export const leaderboard = view(
  "leaderboard",
  {
    topicId: integer().notNull(),
    worker: hex(),
    role: text().notNull(),
    epochs: integer().notNull(),
    firstEpoch: integer().notNull(),
    lastEpoch: integer().notNull(),
    meanWeight: bigint(),
    /** Epochs that were settled with a truth; the next two are over these. */
    scored: integer().notNull(),
    meanLoss: bigint(),
    /** The root of the mean square of what was missed by, of the first label. */
    rootMeanSquare: bigint(),
  },
  `SELECT p.topic_id, p.worker, p.role, count(*)::integer AS epochs,
    min(p.epoch) AS first_epoch, max(p.epoch) AS last_epoch,
    round(avg(w.weight))::numeric(78) AS mean_weight,
    count(l.loss)::integer AS scored,
    round(avg(l.loss))::numeric(78) AS mean_loss,
    round(sqrt(avg((p.value - t.value) ^ 2)))::numeric(78) AS root_mean_square
    FROM (${PARTS}) p
    LEFT JOIN ${R}.weight w ON w.context = p.context AND w.seat = p.seat
    LEFT JOIN ${R}.loss l ON l.context = p.settlement AND l.seat = p.seat
    LEFT JOIN ${R}.settled t ON t.context = p.settlement AND t.label = 0
    GROUP BY p.topic_id, p.worker, p.role`,
)

export const calibration = view(
  "calibration",
  {
    topicId: integer().notNull(),
    label: integer().notNull(),
    /** Settled epochs whose sigma was known. */
    scored: integer().notNull(),
    withinOneSigma: integer().notNull(),
    withinTwoSigma: integer().notNull(),
    /** How many truths lay at or below each percentile. */
    belowP2: integer().notNull(),
    belowP16: integer().notNull(),
    belowP50: integer().notNull(),
    belowP84: integer().notNull(),
    belowP98: integer().notNull(),
  },
  `SELECT r.topic_id, r.label, count(*)::integer AS scored,
    count(*) FILTER (WHERE abs(t.value - v.combined) <= v.sigma)::integer AS within_one_sigma,
    count(*) FILTER (WHERE abs(t.value - v.combined) <= 2 * v.sigma)::integer AS within_two_sigma,
    count(*) FILTER (WHERE t.value <= v.p2)::integer AS below_p_2,
    count(*) FILTER (WHERE t.value <= v.p16)::integer AS below_p_16,
    count(*) FILTER (WHERE t.value <= v.p50)::integer AS below_p_50,
    count(*) FILTER (WHERE t.value <= v.p84)::integer AS below_p_84,
    count(*) FILTER (WHERE t.value <= v.p98)::integer AS below_p_98
    FROM ${JOINED}
    JOIN ${R}.value v ON v.context = r.context AND v.label = r.label
    JOIN ${R}.settled t ON t.context = s.context AND t.label = r.label
    WHERE v.sigma IS NOT NULL
    GROUP BY r.topic_id, r.label`,
)

export const skill = view(
  "skill",
  {
    topicId: integer().notNull(),
    /** Epochs settled with a truth; missed: without one. */
    scored: integer().notNull(),
    missed: integer().notNull(),
    networkLoss: bigint(),
    naiveLoss: bigint(),
    /** The naive value's mean loss less the network's: above 0 the weights are worth something. */
    skill: bigint(),
  },
  `SELECT s.topic_id, count(o.context)::integer AS scored,
    count(*) FILTER (WHERE s.is_missed)::integer AS missed,
    round(avg(o.combined))::numeric(78) AS network_loss,
    round(avg(o.naive))::numeric(78) AS naive_loss,
    round(avg(o.naive - o.combined))::numeric(78) AS skill
    FROM ${P}.settlement s LEFT JOIN ${R}.score o ON o.context = s.context
    GROUP BY s.topic_id`,
)

export const views = {
  label,
  epoch,
  value,
  inference,
  forecast,
  impliedValue,
  truth,
  leaderboard,
  calibration,
  skill,
}
