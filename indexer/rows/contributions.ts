// What everyone was worth: the values without one, their losses, and what follows from them.
import { bigint, hex, integer, text } from "ponder"
import { JOINED, PARTS, R, SCORED, view } from "./view.ts"

export const counterfactual = view(
  "counterfactual",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    /** oneOutInferer, oneOutForecaster: the value without that one; oneInForecaster: with that forecaster alone. */
    kind: text().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    value: bigint().notNull(),
    /** Over all labels of the epoch, log10. */
    loss: bigint(),
    /** What its worker took off the loss: of one out, this loss less the network's; of one in, the naive loss less this. */
    marginal: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.label, f.kind, f.seat, f.worker, f.value, x.loss,
    CASE WHEN f.kind = 'oneInForecaster' THEN o.naive - x.loss ELSE x.loss - o.combined END AS marginal
    FROM ${JOINED}
    JOIN ${R}.counterfactual f ON f.context = r.context AND f.label = r.label
    LEFT JOIN ${R}.counterfactual_loss x ON x.context = s.context AND x.kind = f.kind AND x.seat = f.seat
    LEFT JOIN ${R}.score o ON o.context = s.context`,
)

export const impliedWithout = view(
  "implied_without",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    label: integer().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    /** Who is left out. */
    infererSeat: integer().notNull(),
    inferer: hex(),
    /** The forecaster's implied value without that inferer. */
    value: bigint().notNull(),
    loss: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.label, f.seat, f.worker, f.inferer_seat, f.inferer, f.value, x.loss
    FROM ${JOINED}
    JOIN ${R}.implied_without f ON f.context = r.context AND f.label = r.label
    LEFT JOIN ${R}.implied_without_loss x
      ON x.context = s.context AND x.seat = f.seat AND x.inferer_seat = f.inferer_seat`,
)

/** What each worker's part in an epoch was worth. */
export const contribution = view(
  "contribution",
  {
    topicId: integer().notNull(),
    epoch: integer().notNull(),
    status: text().notNull(),
    seat: integer().notNull(),
    worker: hex(),
    /** inferer or forecaster. */
    role: text().notNull(),
    /** Of the first label, as the next one: what it said, or what follows from its forecast. */
    value: bigint().notNull(),
    /** What the network would have said without it; null where nobody was left. */
    valueWithout: bigint(),
    weight: bigint(),
    loss: bigint(),
    networkLoss: bigint(),
    /** The network's loss without it, and how much more that is. */
    lossWithout: bigint(),
    marginal: bigint(),
  },
  `SELECT p.topic_id, p.epoch, p.status, p.seat, p.worker, p.role, p.value, f.value AS value_without, w.weight, l.loss,
    o.combined AS network_loss, x.loss AS loss_without, x.loss - o.combined AS marginal
    FROM (${PARTS}) p ${SCORED}
    LEFT JOIN ${R}.counterfactual f
      ON f.context = p.context AND f.label = 0 AND f.kind = p.kind AND f.seat = p.seat`,
)

export const leaderboard = view(
  "leaderboard",
  {
    topicId: integer().notNull(),
    worker: hex(),
    role: text().notNull(),
    /** Epochs whose report is neither void nor refuted. */
    epochs: integer().notNull(),
    firstEpoch: integer().notNull(),
    lastEpoch: integer().notNull(),
    meanWeight: bigint(),
    /** Epochs that were settled with a truth; the next two are over these. */
    scored: integer().notNull(),
    meanLoss: bigint(),
    /** The root of the mean square of what was missed by, of the first label. */
    rootMeanSquare: bigint(),
    /** How much more the network would have lost without it, over the epochs in which others were left. */
    meanMarginal: bigint(),
  },
  `SELECT p.topic_id, p.worker, p.role, count(*)::integer AS epochs,
    min(p.epoch) AS first_epoch, max(p.epoch) AS last_epoch,
    round(avg(w.weight))::numeric(78) AS mean_weight,
    count(l.loss)::integer AS scored,
    round(avg(l.loss))::numeric(78) AS mean_loss,
    round(sqrt(avg((p.value - t.value) ^ 2)))::numeric(78) AS root_mean_square,
    round(avg(x.loss - o.combined))::numeric(78) AS mean_marginal
    FROM (${PARTS}) p ${SCORED}
    LEFT JOIN ${R}.settled t ON t.context = p.settlement AND t.label = 0
    WHERE p.is_usable
    GROUP BY p.topic_id, p.worker, p.role`,
)
