// What the chain's events and calldata say, one table a noun. What rows say is in rows/: these tables never wait for it.
// Times are seconds since 1970; values and sigmas are Wads, 18 decimals; addresses and hashes are lower-case hex.
import { index, onchainTable, primaryKey, relations } from "ponder"

export const topic = onchainTable("topic", (t) => ({
  id: t.integer().primaryKey(),
  /** Who may patch it now. */
  creator: t.hex().notNull(),
  metadata: t.text().notNull(),
  topicType: t.text().notNull(),
  lossMethod: t.text().notNull(),
  labels: t.text().array().notNull(),
  /** Of the newest parameters, which may hold only from a later epoch on. */
  parametersHash: t.hex().notNull(),
  start: t.int8({ mode: "bigint" }).notNull(),
  firstEpoch: t.integer().notNull(),
  length: t.int8({ mode: "bigint" }).notNull(),
  windowOpens: t.int8({ mode: "bigint" }).notNull(),
  windowLength: t.int8({ mode: "bigint" }).notNull(),
  lag: t.int8({ mode: "bigint" }).notNull(),
  /** All that was paid by `fund`, in 1e-18 ALLO. */
  funded: t.bigint().notNull(),
  createdAt: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

/** The parameters from an epoch on: the first as created, each further one by a patch. */
export const parameterSet = onchainTable(
  "parameter_set",
  (t) => ({
    topicId: t.integer().notNull(),
    fromEpoch: t.integer().notNull(),
    parametersHash: t.hex().notNull(),
    /** The struct of types/Parameters.sol; its large numbers are text. */
    parameters: t.json().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.topicId, table.fromEpoch] }) }),
)

/** Every payment by `fund`, in 1e-18 ALLO. */
export const funding = onchainTable(
  "funding",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    funder: t.hex().notNull(),
    amount: t.bigint().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byTopic: index().on(table.topicId) }),
)

/** Every time that a topic went from one creator to another. */
export const topicTransfer = onchainTable(
  "topic_transfer",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    previous: t.hex().notNull(),
    current: t.hex().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byTopic: index().on(table.topicId) }),
)

/** The labels of a topic; with their newest reports they are a view, `label`. */
export const labelName = onchainTable(
  "label_name",
  (t) => ({
    topicId: t.integer().notNull(),
    label: t.integer().notNull(),
    name: t.text().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.topicId, table.label] }) }),
)

export const worker = onchainTable(
  "worker",
  (t) => ({
    topicId: t.integer().notNull(),
    owner: t.hex().notNull(),
    signer: t.hex().notNull(),
    payee: t.hex().notNull(),
    isInferer: t.boolean().notNull(),
    isForecaster: t.boolean().notNull(),
    isReputer: t.boolean().notNull(),
    joinedAt: t.int8({ mode: "bigint" }).notNull(),
    /** Null while it is registered. */
    leftAt: t.int8({ mode: "bigint" }),
  }),
  (table) => ({ key: primaryKey({ columns: [table.topicId, table.owner] }) }),
)

/** Every change of a topic's registrations, with the running hash that `Topics` keeps. */
export const registration = onchainTable(
  "registration",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    change: t.text().notNull(),
    owner: t.hex().notNull(),
    signer: t.hex().notNull(),
    roles: t.integer().notNull(),
    registrations: t.hex().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byTopic: index().on(table.topicId) }),
)

export const member = onchainTable("member", (t) => ({
  id: t.integer().primaryKey(),
  owner: t.hex().notNull(),
  signer: t.hex().notNull(),
  payee: t.hex().notNull(),
  url: t.text().notNull(),
}))

/** Who may change the committee: every transfer, first offered, then accepted. */
export const ownershipChange = onchainTable("ownership_change", (t) => ({
  id: t.text().primaryKey(),
  isAccepted: t.boolean().notNull(),
  previous: t.hex().notNull(),
  current: t.hex().notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

export const era = onchainTable("era", (t) => ({
  number: t.integer().primaryKey(),
  /** In the order of an attestation's bitmap; so are the signers. */
  memberIds: t.integer().array().notNull(),
  signers: t.hex().array().notNull(),
  quorum: t.integer().notNull(),
  coreId: t.hex().notNull(),
  verifier: t.hex().notNull(),
  startsAt: t.int8({ mode: "bigint" }).notNull(),
  expiresAt: t.int8({ mode: "bigint" }).notNull(),
}))

/** What a transaction that calls `post` or `settle` carried: a batch and who signed it. */
export const attestation = onchainTable("attestation", (t) => ({
  transaction: t.hex().primaryKey(),
  era: t.integer().notNull(),
  slot: t.int8({ mode: "bigint" }).notNull(),
  view: t.int8({ mode: "bigint" }).notNull(),
  root: t.hex().notNull(),
  /** The members that signed, by id. */
  memberIds: t.integer().array().notNull(),
  /** As posted: scheme, bitmap, signatures. */
  attestation: t.hex().notNull(),
  poster: t.hex().notNull(),
  block: t.int8({ mode: "bigint" }).notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
}))

/** An accepted report: all fields of the leaf that a quorum signed (its lag is aboutAt less observedAt), and when it was posted. */
export const report = onchainTable(
  "report",
  (t) => ({
    topicId: t.integer().notNull(),
    epoch: t.integer().notNull(),
    label: t.integer().notNull(),
    value: t.bigint().notNull(),
    sigma: t.bigint(),
    observedAt: t.int8({ mode: "bigint" }).notNull(),
    aboutAt: t.int8({ mode: "bigint" }).notNull(),
    /** When it becomes `Final` unless it is refuted. */
    finalAt: t.int8({ mode: "bigint" }).notNull(),
    /** The hash under which its rows lie. */
    context: t.hex().notNull(),
    /** Null where another contract has called `post`, so that the calldata is not the transaction's. */
    history: t.integer(),
    block: t.int8({ mode: "bigint" }).notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.topicId, table.epoch, table.label] }),
    byBlock: index().on(table.block),
  }),
)

/** The settlement of an epoch; where one was taken back and made again, the newer generation's. */
export const settlement = onchainTable(
  "settlement",
  (t) => ({
    topicId: t.integer().notNull(),
    epoch: t.integer().notNull(),
    generation: t.integer().notNull(),
    leaf: t.hex().notNull(),
    parent: t.hex().notNull(),
    state: t.hex().notNull(),
    pot: t.bigint().notNull(),
    context: t.hex().notNull(),
    /** Settled without a truth: the state carries over. */
    isMissed: t.boolean().notNull(),
    inferers: t.integer().notNull(),
    /** Epochs missed so far. */
    missed: t.integer().notNull(),
    /** Moving averages, losses log10; null before the first truth. */
    networkLoss: t.bigint(),
    naiveLoss: t.bigint(),
    /** Moving shares of the truths within one and two sigma; 0 also while no sigma was known. */
    coverage68: t.bigint(),
    coverage95: t.bigint(),
    block: t.int8({ mode: "bigint" }).notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.topicId, table.epoch] }),
    byBlock: index().on(table.block),
  }),
)

/** A reputer's pool as it stands now, in 1e-18 ALLO. */
export const reputer = onchainTable(
  "reputer",
  (t) => ({
    topicId: t.integer().notNull(),
    reputer: t.hex().notNull(),
    stake: t.bigint().notNull(),
    changedAt: t.int8({ mode: "bigint" }).notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.topicId, table.reputer] }) }),
)

/** Every change of a pool's stake, with the sum over the topic's pools after it. */
export const stakeChange = onchainTable(
  "stake_change",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    reputer: t.hex().notNull(),
    stake: t.bigint().notNull(),
    total: t.bigint().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byReputer: index().on(table.topicId, table.reputer) }),
)

/** What went into a pool and out of it. */
export const stakeMovement = onchainTable(
  "stake_movement",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    reputer: t.hex().notNull(),
    holder: t.hex().notNull(),
    /** deposited, withdrawalRequested, withdrawalCancelled or withdrawn. */
    movement: t.text().notNull(),
    shares: t.bigint().notNull(),
    /** In 1e-18 ALLO, where it moved. */
    amount: t.bigint(),
    /** From when on it can be withdrawn, where that was asked for. */
    availableAt: t.int8({ mode: "bigint" }),
    /** The pool's, after it. */
    stake: t.bigint().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byReputer: index().on(table.topicId, table.reputer) }),
)

// -- The token, since the deployment: an older one had a life before --

export const transfer = onchainTable(
  "transfer",
  (t) => ({
    id: t.text().primaryKey(),
    from: t.hex().notNull(),
    to: t.hex().notNull(),
    value: t.bigint().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byFrom: index().on(table.from), byTo: index().on(table.to) }),
)

export const approval = onchainTable("approval", (t) => ({
  id: t.text().primaryKey(),
  owner: t.hex().notNull(),
  spender: t.hex().notNull(),
  value: t.bigint().notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

/** Whom an account lets vote. */
export const delegation = onchainTable("delegation", (t) => ({
  id: t.text().primaryKey(),
  delegator: t.hex().notNull(),
  previous: t.hex().notNull(),
  current: t.hex().notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

/** The votes that an account has now. */
export const voter = onchainTable("voter", (t) => ({
  account: t.hex().primaryKey(),
  votes: t.bigint().notNull(),
  changedAt: t.int8({ mode: "bigint" }).notNull(),
}))

// -- What is asked for together --

export const topicRelations = relations(topic, ({ many }) => ({
  labelNames: many(labelName),
  parameterSets: many(parameterSet),
  workers: many(worker),
  reports: many(report),
  settlements: many(settlement),
  reputers: many(reputer),
}))
export const settlementRelations = relations(settlement, ({ one }) => ({
  topic: one(topic, { fields: [settlement.topicId], references: [topic.id] }),
  attestation: one(attestation, {
    fields: [settlement.transaction],
    references: [attestation.transaction],
  }),
}))
export const reputerRelations = relations(reputer, ({ one }) => ({
  topic: one(topic, { fields: [reputer.topicId], references: [topic.id] }),
}))
export const labelNameRelations = relations(labelName, ({ one }) => ({
  topic: one(topic, { fields: [labelName.topicId], references: [topic.id] }),
}))
export const parameterSetRelations = relations(parameterSet, ({ one }) => ({
  topic: one(topic, { fields: [parameterSet.topicId], references: [topic.id] }),
}))
export const workerRelations = relations(worker, ({ one }) => ({
  topic: one(topic, { fields: [worker.topicId], references: [topic.id] }),
}))
export const reportRelations = relations(report, ({ one }) => ({
  topic: one(topic, { fields: [report.topicId], references: [topic.id] }),
  attestation: one(attestation, {
    fields: [report.transaction],
    references: [attestation.transaction],
  }),
}))
export const attestationRelations = relations(attestation, ({ one, many }) => ({
  eraRow: one(era, { fields: [attestation.era], references: [era.number] }),
  reports: many(report),
  settlements: many(settlement),
}))
