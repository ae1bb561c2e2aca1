// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Attested} from "../types/Attested.sol";
import {Claim, Evidence} from "../types/Claim.sol";
import {Report} from "../types/Report.sol";
import {Settlement} from "../types/Settlement.sol";
import {Status} from "../types/Word.sol";
import {ICommittee} from "./ICommittee.sol";
import {IFacts} from "./IFacts.sol";
import {IReports} from "./IReports.sol";
import {ISettlements} from "./ISettlements.sol";
import {ITopics} from "./ITopics.sol";

/// @notice Step 7: proof and refutation. Anyone may call all of it, with the message, what shows that a quorum signed it, and
/// bytes; nobody is asked, and nothing but a demand costs a bond.
/// @dev A message is judged whether it was posted or not, in any era. It moves words and heads only within `disputeSeconds` of
/// its acceptance, W; after that, and for a message that was never accepted, a refutation only names its signers, and `moved`
/// is false. A word, beside being posted over by a newer one, goes
///
///   Attested -> Proven             by `prove`, at any time;
///   Attested, Proven -> Void       by `strikeReport` and `lapseReport`;
///   Attested, Proven, Void -> Refuted   by `refuteReport`, and by `strikeReport` where somebody is to blame;
///   no word -> Refuted             by the same two, if the report could be posted this moment: as if it had been.
///
/// and its context falls with it, on which no settlement may rest then. Where a newer word has displaced the report's and none
/// of its epoch is kept, the context alone falls, until W after observedAt.
///
/// A word is the report's if value, sigma, observedAt and epoch are. It keeps its epoch; one that is refuted by
/// `Claim.Schedule`, is the newest and does not fit the schedule takes the current epoch and, as observedAt, the present. A
/// settlement that is refuted, struck or lapsed is taken back, and all that followed it: the head goes to its parent.
///
/// A demand for a row goes
///
///   none -> Open         within W/3 of the message's acceptance, for a bond;
///   Open -> Answered     within W/3 of the demand, by who publishes the row, or what shows that there is none: the bond is its;
///   Open -> Lapsed       after that: the message is void if it can still be moved, and the bond is the demander's again.
///
/// So the last third of W is left for refuting by what was published. Bonds wait here until they are collected.
interface IDisputes {
    /// @dev What was demanded of one message: kind of list and index, see `demandReport`.
    enum DemandStatus {
        None,
        Open,
        Answered,
        Lapsed
    }

    struct Demand {
        DemandStatus status;
        address demander;
        uint40 demandedAt;
        uint256 bond;
    }

    /// @dev The way to a row: the context row, the list, of a table also the row 0x29 or 0x2a, and the row. Those that the way
    /// does not need are left empty.
    struct Answer {
        bytes context;
        bytes list;
        bytes tables;
        bytes row;
    }

    /// @notice Thrown when a message and its proof do not lead to the batch's root.
    error RootMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a claim is none about this kind of message.
    error ClaimUnfit(Claim claim);
    /// @notice Thrown when what stands in the message is what the claim's bytes give.
    error NotRefuted(Claim claim);
    /// @notice Thrown when value or sigma are not what the inputs and the state give.
    error NotConfirmed(bytes32 leaf);
    /// @notice Thrown when an era names no verifier.
    error NoVerifier(uint32 era);
    /// @notice Thrown when no word of the report is kept.
    error NotPosted(uint32 topicId, uint16 label, uint32 epoch);
    /// @notice Thrown when a word to prove has another status than `Attested`.
    error NotAttested(Status given);
    /// @notice Thrown when a report names other parameters than those of its epoch.
    error ParametersMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a report names another settlement than the last one accepted before its window opened.
    error SettledMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a report's state is not that of the settlement that it names.
    error StateMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when a settlement is shown that the message does not name, or none where it names one.
    error OriginMismatch(bytes32 given, bytes32 required);
    /// @notice Thrown when there is nothing to strike a message for, or nothing that striking it would move.
    error StillStands(bytes32 leaf);
    /// @notice Thrown when a settlement is not on the way to the head, or no longer kept.
    error NotAccepted(bytes32 leaf);
    /// @notice Thrown when a message has no list of the kind, or an index is above 65535.
    error DemandUnfit(uint256 kind, uint256 index);
    /// @notice Thrown when a demand, or an answer, comes at `present`, and had to come before `required`.
    error TooLate(uint256 present, uint256 required);
    /// @notice Thrown when a demand lapses at `required` at the earliest.
    error TooSoon(uint256 present, uint256 required);
    /// @notice Thrown when less is sent along than the bond.
    error BondTooSmall(uint256 given, uint256 required);
    /// @notice Thrown when a demand is not in the state that a call needs.
    error DemandMismatch(DemandStatus given, DemandStatus required);
    /// @notice Thrown when no bond waits for the caller.
    error NothingToCollect(address account);
    /// @notice Thrown when the caller does not take its bonds.
    error NotPaid(address account, uint256 amount);
    /// @notice Thrown when an address that must be a contract has no code.
    error NotAContract(address given);
    /// @notice Thrown when a contract knows another one than it must, `Disputes` among them.
    error AddressMismatch(address given, address required);
    /// @notice Thrown when the least bond is 0.
    error BondMissing();

    /// @dev In these events `signers` is the bitmap of the era's members who signed.
    event ReportProven(uint32 indexed topicId, uint16 indexed label, uint32 indexed epoch, bytes32 leaf);
    /// @dev `moved`: a word, a context or a head fell.
    /// @param claim `None` where it was struck: it names another settlement than all could know.
    event ReportRefuted(
        uint32 indexed topicId,
        uint16 indexed label,
        uint32 indexed epoch,
        bytes32 leaf,
        Claim claim,
        uint256 at,
        uint32 era,
        uint64 signers,
        bool moved
    );
    /// @dev Struck, and nobody is to blame.
    event ReportVoided(uint32 indexed topicId, uint16 indexed label, uint32 indexed epoch, bytes32 leaf);
    event ReportLapsed(
        uint32 indexed topicId,
        uint16 indexed label,
        uint32 indexed epoch,
        bytes32 leaf,
        uint32 era,
        uint64 signers,
        bool moved
    );
    event SettlementRefuted(
        uint32 indexed topicId,
        uint32 indexed epoch,
        bytes32 leaf,
        Claim claim,
        uint256 at,
        uint32 era,
        uint64 signers,
        bool moved
    );
    /// @dev Struck, and nobody is to blame.
    event SettlementVoided(uint32 indexed topicId, uint32 indexed epoch, bytes32 leaf);
    event SettlementLapsed(
        uint32 indexed topicId,
        uint32 indexed epoch,
        bytes32 leaf,
        uint32 era,
        uint64 signers,
        bool moved
    );
    event RowDemanded(
        uint32 indexed topicId,
        uint32 indexed epoch,
        bytes32 indexed leaf,
        uint256 kind,
        uint256 index,
        address demander,
        uint256 bond,
        uint256 publishBefore
    );
    /// @dev With the bytes themselves.
    event RowPublished(bytes32 indexed leaf, uint256 kind, uint256 index, address publisher, Answer answer);
    event BondCollected(address indexed account, uint256 amount);

    /// @notice Makes an attested word `Proven`: the era's verifier computes its value and sigma from the inputs and the state.
    /// @dev The state is that of the last settlement accepted before the window opened, which `evidence.origin` shows, or the
    /// first one. Says nothing of whose submissions the inputs are, and a proven word can still be refuted for all else.
    function prove(Report calldata report, Attested calldata attested, Evidence calldata evidence) external;

    /// @notice Refutes a report; the claims and their evidence stand in `IVerifier.sol` and `Facts.sol`.
    function refuteReport(
        Report calldata report,
        Attested calldata attested,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external;

    /// @notice Refutes a settlement. `evidence.origin` shows its parent, if it has one, whatever the claim.
    function refuteSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        Claim claim,
        uint256 at,
        Evidence calldata evidence
    ) external;

    /// @notice Voids a report that names another settlement than the last one accepted before its window opened, or whose
    /// context fell with another label. Refutes it if it names what nobody could take for that one: the right one was accepted
    /// more than D before the window opened, nothing was taken back since, and the one named was not accepted within D after.
    /// @param contextRow Its context row; may be left out where the context has a verdict.
    function strikeReport(Report calldata report, Attested calldata attested, bytes calldata contextRow) external;

    /// @notice Takes back a settlement that scores a report which is void or refuted.
    /// @param parent Its parent, if it has one.
    function strikeSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        bytes calldata contextRow,
        Settlement[] calldata parent
    ) external;

    /// @notice Demands a row of a posted report. Pays `bond()` or more, all of which is the bond.
    /// @param kind 0 for the context row, 0x10 for its inputs, 0x30 for its outputs.
    /// @param index The row's place in that list, at most 65535; 0 for the context row.
    function demandReport(
        Report calldata report,
        Attested calldata attested,
        uint256 kind,
        uint256 index
    ) external payable;

    /// @notice Demands a row of an accepted settlement.
    /// @param kind As of a report; also 0x20 for the rows of the state that it made, 0x29 and 0x2a for that state's tables.
    /// @param index The place, or the table's seat.
    function demandSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        uint256 kind,
        uint256 index
    ) external payable;

    /// @notice Publishes a row that was demanded; the bond is the caller's.
    /// @dev Ends with the first of the answer's parts that shows that there is no such row: a context of a missed epoch, a list
    /// that is shorter, tables without the seat; and with one that has the right hash and does not decode.
    function publishReport(Report calldata report, uint256 kind, uint256 index, Answer calldata answer) external;

    function publishSettlement(
        Settlement calldata settlement,
        uint256 kind,
        uint256 index,
        Answer calldata answer
    ) external;

    /// @notice Voids a report of which a row was demanded that nobody published; the bond goes back.
    function lapseReport(Report calldata report, Attested calldata attested, uint256 kind, uint256 index) external;

    /// @param parent Its parent, if it has one.
    function lapseSettlement(
        Settlement calldata settlement,
        Attested calldata attested,
        uint256 kind,
        uint256 index,
        Settlement[] calldata parent
    ) external;

    /// @notice Pays the caller the bonds that are its.
    function collect() external returns (uint256 amount);

    /// @notice Whether reports of this context fell: `Void`, `Refuted`, or `None`. A report's labels share one.
    function verdictOf(uint32 topicId, uint32 epoch, bytes32 context) external view returns (Status);

    function demandOf(bytes32 leaf, uint256 kind, uint256 index) external view returns (Demand memory);

    /// @notice The bonds that wait for an account.
    function bondsOf(address account) external view returns (uint256);

    /// @notice What a demand costs in this block: twice what publishing the longest row costs, at least `minimumBond`.
    function bond() external view returns (uint256);

    function minimumBond() external view returns (uint256);

    function committee() external view returns (ICommittee);

    function topics() external view returns (ITopics);

    function reports() external view returns (IReports);

    function settlements() external view returns (ISettlements);

    function facts() external view returns (IFacts);
}
