// How good a topic is, as its settlements say.
import { bigint, hex, integer } from "ponder"
import { IS_USABLE, JOINED, P, R, SETTLED, time, view } from "./view.ts"

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
    WHERE v.sigma IS NOT NULL AND ${IS_USABLE}
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
    FROM ${SETTLED} s LEFT JOIN ${R}.score o ON o.context = s.context
    GROUP BY s.topic_id`,
)

/** The newest settlement of each topic that was not taken back, whose state the next reports name, and its quality. */
export const head = view(
  "head",
  {
    topicId: integer().notNull(),
    /** How often a settlement of the topic was taken back. */
    generation: integer().notNull(),
    /** Null, as all that follows, while there is no settlement. */
    leaf: hex(),
    epoch: integer(),
    state: hex(),
    acceptedAt: time(),
    networkLoss: bigint(),
    naiveLoss: bigint(),
    coverage68: bigint(),
    coverage95: bigint(),
    missed: integer(),
  },
  `SELECT t.id AS topic_id, t.generation, s.leaf, s.epoch, s.state, s.time AS accepted_at,
    s.network_loss, s.naive_loss, s.coverage68, s.coverage95, s.missed
    FROM ${P}.topic t LEFT JOIN LATERAL (SELECT * FROM ${SETTLED} s
      WHERE s.topic_id = t.id ORDER BY s.epoch DESC LIMIT 1) s ON true`,
)
