// What was reported and what came of it: the newest of each label, every epoch, every value.
import { bigint, boolean, hex, integer, text } from "ponder"
import { IS_USABLE, JOINED, P, R, SETTLED, statusOf, takenBackOf, time, view } from "./view.ts"

export const label = view(
  "label",
  {
    topicId: integer().notNull(),
    label: integer().notNull(),
    name: text().notNull(),
    /** Of the newest report; null before the first. */
    epoch: integer(),
    /** Attested, Final, Proven, Void or Refuted. */
    status: text(),
    /** Null also where it is void or refuted: nobody may use it. */
    value: bigint(),
    /** Null also where it is unknown. */
    sigma: bigint(),
    observedAt: time(),
    aboutAt: time(),
    finalAt: time(),
    context: hex(),
  },
  `SELECT l.topic_id, l.label, l.name, r.epoch, ${statusOf("r")} AS status,
    CASE WHEN ${IS_USABLE} THEN r.value END AS value, CASE WHEN ${IS_USABLE} THEN r.sigma END AS sigma,
    r.observed_at, r.about_at, r.final_at, r.context
    FROM ${P}.label_name l LEFT JOIN LATERAL (SELECT * FROM ${P}.report r
      WHERE r.topic_id = l.topic_id AND r.label = l.label
      ORDER BY coalesce(r.word_epoch, r.epoch) DESC LIMIT 1) r ON true`,
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
    /** The worst of its labels': Refuted, Void, Attested, Final, Proven; null without a report. */
    status: text(),
    /** Whether the report's rows are still to come; null without a report. */
    isPending: boolean(),
    inferers: integer(),
    forecasters: integer(),
    /** Null until it is settled; missed: settled without a truth. */
    isMissed: boolean(),
    settlement: hex(),
    settledIn: hex(),
    isSettlementPending: boolean(),
    /** How often a settlement of this epoch was taken back. */
    takenBack: integer().notNull(),
    /** The settlement's losses, log10. */
    networkLoss: bigint(),
    naiveLoss: bigint(),
  },
  `SELECT r.topic_id, r.epoch, r.observed_at, r.about_at, r.context, r.transaction,
    (SELECT ${statusOf("a")} FROM ${P}.report a WHERE a.topic_id = r.topic_id AND a.epoch = r.epoch
      ORDER BY array_position(ARRAY['Refuted', 'Void', 'Attested', 'Final', 'Proven'], ${statusOf("a")}) LIMIT 1) AS status,
    r.context IS NOT NULL AND c.hash IS NULL AS is_pending,
    CASE WHEN c.hash IS NULL THEN NULL ELSE
      (SELECT count(*)::integer FROM ${R}.inference i WHERE i.context = r.context AND i.label = 0) END AS inferers,
    CASE WHEN c.hash IS NULL THEN NULL ELSE
      (SELECT count(DISTINCT f.seat)::integer FROM ${R}.forecast f WHERE f.context = r.context) END AS forecasters,
    s.is_missed, s.context AS settlement, s.transaction AS settled_in,
    CASE WHEN s.context IS NULL THEN NULL ELSE d.hash IS NULL END AS is_settlement_pending,
    ${takenBackOf("r")} AS taken_back,
    o.combined AS network_loss, o.naive AS naive_loss
    FROM ${JOINED}
    LEFT JOIN ${R}.context d ON d.hash = s.context
    LEFT JOIN ${R}.score o ON o.context = s.context
    WHERE r.label = 0
  UNION ALL SELECT s.topic_id, s.epoch, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    s.is_missed, s.context, s.transaction, d.hash IS NULL, ${takenBackOf("s")}, NULL, NULL
    FROM ${SETTLED} s LEFT JOIN ${R}.context d ON d.hash = s.context
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
    /** Attested, Final, Proven, Void or Refuted. */
    status: text().notNull(),
    /** What was signed, also where it is void or refuted. */
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
  `SELECT r.topic_id, r.epoch, r.label, r.about_at, ${statusOf("r")} AS status, r.value, r.sigma, r.context IS NOT NULL AND c.hash IS NULL AS is_pending,
    v.naive, v.p2, v.p16, v.p50, v.p84, v.p98,
    (SELECT round(avg(i.value)) FROM ${R}.inference i
      WHERE i.context = r.context AND i.label = r.label)::numeric(78) AS mean,
    t.value AS truth
    FROM ${JOINED}
    LEFT JOIN ${R}.value v ON v.context = r.context AND v.label = r.label
    LEFT JOIN ${R}.settled t ON t.context = s.context AND t.label = r.label`,
)
