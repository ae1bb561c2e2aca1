// What everyone said: workers and reputers, with their weights and losses.
import { bigint, hex, integer } from "ponder"
import { JOINED, P, R, SETTLED, view } from "./view.ts"

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
    FROM ${SETTLED} s JOIN ${R}.truth t ON t.context = s.context`,
)
