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
  /** How often a settlement of the topic was taken back. */
  generation: t.integer().notNull(),
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

/**
 * An accepted report: all fields of the leaf that a quorum signed (its lag is aboutAt less observedAt), and when it was posted;
 * or one that was refuted before anybody posted it and has its word from that.
 */
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
    /** As the word has it: Attested, Proven, Void or Refuted. The views say `Final`, too, which is a matter of time. */
    wordStatus: t.text().notNull(),
    /** What stands in the word instead, where the report's own epoch or observedAt did not fit the schedule. */
    wordEpoch: t.integer(),
    wordObservedAt: t.int8({ mode: "bigint" }),
    /** The hash under which its rows lie; null where it was never posted. */
    context: t.hex(),
    /** Null, too, where another contract has called `post`, so that the calldata is not the transaction's. */
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

/** The settlement of an epoch: one, unless it was taken back and made again under a newer generation. */
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
    /** Accepted; Refuted or Void, and so taken back; TakenBack with one before it. */
    status: t.text().notNull(),
    /** Null while it stands on the way to the topic's head. */
    takenBackAt: t.int8({ mode: "bigint" }),
    block: t.int8({ mode: "bigint" }).notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.topicId, table.epoch, table.generation] }),
    byBlock: index().on(table.block),
  }),
)

/** What a dispute made of a word; its log stands before that of the dispute. */
export const wordMark = onchainTable(
  "word_mark",
  (t) => ({
    transaction: t.hex().notNull(),
    logIndex: t.integer().notNull(),
    topicId: t.integer().notNull(),
    label: t.integer().notNull(),
    epoch: t.integer().notNull(),
    observedAt: t.int8({ mode: "bigint" }).notNull(),
    status: t.text().notNull(),
    /** As in contracts/types/Word.sol. */
    word: t.bigint().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.transaction, table.logIndex] }) }),
)

/** Every time that a topic's head went back to the parent of a settlement. */
export const takeBack = onchainTable(
  "take_back",
  (t) => ({
    id: t.text().primaryKey(),
    topicId: t.integer().notNull(),
    epoch: t.integer().notNull(),
    /** The settlement; those after it fell with it. */
    leaf: t.hex().notNull(),
    /** The topic's from then on, as the head; 0 as a head is none. */
    generation: t.integer().notNull(),
    head: t.hex().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byTopic: index().on(table.topicId) }),
)

/** What became of a message, posted or not, that somebody brought before the chain. */
export const dispute = onchainTable(
  "dispute",
  (t) => ({
    id: t.text().primaryKey(),
    /** report or settlement. */
    message: t.text().notNull(),
    /** Proven, Refuted, Void, or Lapsed: void for want of a row. */
    outcome: t.text().notNull(),
    topicId: t.integer().notNull(),
    epoch: t.integer().notNull(),
    /** Null of a settlement. */
    label: t.integer(),
    leaf: t.hex().notNull(),
    /** What was wrong with it, by its name in contracts/types/Claim.sol, and where; null but for a refutation by claim. */
    claim: t.text(),
    at: t.bigint(),
    /** Who signed it, where somebody is to blame. */
    era: t.integer(),
    signers: t.hex().array().notNull(),
    memberIds: t.integer().array().notNull(),
    /** Whether a word, a context or a head changed; if not, it came too late or the message was never accepted. */
    moved: t.boolean().notNull(),
    caller: t.hex().notNull(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({ byTopic: index().on(table.topicId, table.epoch), byLeaf: index().on(table.leaf) }),
)

/** A row that somebody asked the chain for. */
export const demand = onchainTable(
  "demand",
  (t) => ({
    /** The message's. */
    leaf: t.hex().notNull(),
    /** Of the list, or of the context, as `IDisputes.demandReport` has them. */
    kind: t.integer().notNull(),
    index: t.integer().notNull(),
    topicId: t.integer().notNull(),
    epoch: t.integer().notNull(),
    demander: t.hex().notNull(),
    /** In 1e-18 of the chain's coin. */
    bond: t.bigint().notNull(),
    publishBefore: t.int8({ mode: "bigint" }).notNull(),
    /** Open, Answered or Lapsed. */
    status: t.text().notNull(),
    /** Whose the bond is, once that is decided. */
    bondOwner: t.hex(),
    time: t.int8({ mode: "bigint" }).notNull(),
    transaction: t.hex().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.leaf, table.kind, table.index] }),
    byTopic: index().on(table.topicId),
  }),
)

/** An answer to a demand. */
export const publication = onchainTable("publication", (t) => ({
  id: t.text().primaryKey(),
  leaf: t.hex().notNull(),
  kind: t.integer().notNull(),
  index: t.integer().notNull(),
  publisher: t.hex().notNull(),
  /** The hashes of its parts in their order; their bytes are published rows. */
  parts: t.hex().array().notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

/** Rows that lie on the chain, whoever serves them besides. */
export const publishedRow = onchainTable("published_row", (t) => ({
  hash: t.hex().primaryKey(),
  bytes: t.hex().notNull(),
}))

/** Bonds that were paid out, in 1e-18 of the chain's coin. */
export const bondCollection = onchainTable("bond_collection", (t) => ({
  id: t.text().primaryKey(),
  account: t.hex().notNull(),
  amount: t.bigint().notNull(),
  time: t.int8({ mode: "bigint" }).notNull(),
  transaction: t.hex().notNull(),
}))

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
  disputes: many(dispute),
  demands: many(demand),
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
export const disputeRelations = relations(dispute, ({ one }) => ({
  topic: one(topic, { fields: [dispute.topicId], references: [topic.id] }),
}))
export const demandRelations = relations(demand, ({ one }) => ({
  topic: one(topic, { fields: [demand.topicId], references: [topic.id] }),
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
