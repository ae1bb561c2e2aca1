// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Settlement} from "./Settlement.sol";

// What can be wrong with an attested message, and the bytes that show it.

/// @dev Claims of arithmetic follow from bytes alone, the era's verifier judges them; claims of fact (those from `Schedule`,
/// and from `SettlementParameters`, on) also need what the contracts know. The rows that each one needs, in their order, stand
/// in `interfaces/IVerifier.sol` and `Facts.sol`; `at` says which label, seat or place is meant where there are several.
enum Claim {
    None,
    // A report, by arithmetic.
    Lists,
    Row,
    Inputs,
    Value,
    Sigma,
    Combined,
    Naive,
    Deviation,
    Percentiles,
    ValueRow,
    Weights,
    Implied,
    ImpliedRow,
    OneOutInferer,
    OneOutForecaster,
    OneInForecaster,
    ImpliedWithout,
    Counterfactuals,
    // A report, by fact.
    Schedule,
    Parameters,
    State,
    Registrations,
    Submission,
    // A settlement, by arithmetic.
    SettlementLists,
    SettlementRow,
    SettlementInputs,
    Truth,
    Losses,
    CounterfactualLosses,
    Seats,
    Regrets,
    Errors,
    Inclusions,
    Quality,
    QualityWord,
    OneOutTable,
    OneInTable,
    Tables,
    // A settlement, by fact.
    SettlementParameters,
    SettlementRegistrations,
    SettledReport,
    Roster,
    Electorate,
    TruthSignature
}

/// @dev Rows as they are served. A list is left empty where a claim does not need it.
/// `context` is the message's context row, `inputs` and `outputs` its lists, `beforehand` the list of the state that it starts
/// from (a report's settled state, a settlement's parent's), `afterwards` the list of the state that a settlement made. `origin`
/// is the settlement whose state `beforehand` is, where a claim asks for it: none, or one. `rows` are the rows that the claim
/// names, in its order.
struct Evidence {
    bytes context;
    bytes inputs;
    bytes outputs;
    bytes beforehand;
    bytes afterwards;
    Settlement[] origin;
    bytes[] rows;
}
