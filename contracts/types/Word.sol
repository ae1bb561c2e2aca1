// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Step 5, what is stored of a report, in 256 bits. From the high bits down:
// value int128 | observedAt uint32 | epoch 28 bits | lag uint24 | postedAfter uint16 | status 4 bits | sigma uint24.

/// @dev How far a reading can be trusted, from the bottom of the ladder up; `Void` and `Refuted` are
/// no rungs, nobody may use them. `Final` is computed when read and never stored.
enum Status {
    None,
    Attested,
    Final,
    Proven,
    Void,
    Refuted
}

type Word is uint256;

using {
    isNone,
    isNewerThan,
    withPosting,
    withStatus,
    withSchedule,
    value,
    observedAt,
    epoch,
    lag,
    postedAfter,
    postedAt,
    aboutAt,
    status,
    isUsable,
    sigma
} for Word global;

Word constant NO_WORD = Word.wrap(0);

/// @dev Epochs are below this: 28 bits.
uint256 constant EPOCH_LIMIT = 1 << 28;

/// @dev `postedAfter` counts units of this many seconds.
uint256 constant POSTED_UNIT = 16;

/// @dev The greatest `postedAfter`: 16 bits.
uint256 constant MAX_POSTED_AFTER = type(uint16).max;

/// @dev Every stored word has a status, so 0 is no word.
function isNone(Word word) pure returns (bool) {
    return Word.unwrap(word) == 0;
}

/// @dev Whether both its epoch and its observedAt are greater; anything is newer than none, if observed after 0.
function isNewerThan(Word word, Word previous) pure returns (bool isNewer) {
    // Equals word.observedAt() > previous.observedAt()
    //     && (previous.isNone() || word.epoch() > previous.epoch()).
    assembly ("memory-safe") {
        isNewer := and(
            gt(and(shr(96, word), 0xffffffff), and(shr(96, previous), 0xffffffff)),
            or(iszero(previous), gt(and(shr(68, word), 0xfffffff), and(shr(68, previous), 0xfffffff)))
        )
    }
}

/// @dev `word` must have no posting yet, and `postedAfter_` be at most `MAX_POSTED_AFTER`.
function withPosting(Word word, uint256 postedAfter_) pure returns (Word) {
    return Word.wrap(Word.unwrap(word) | (postedAfter_ << 28));
}

/// @dev The same word with another status.
function withStatus(Word word, Status status_) pure returns (Word) {
    return Word.wrap((Word.unwrap(word) & ~(uint256(0xf) << 24)) | (uint256(status_) << 24));
}

/// @dev The same word of another epoch, below `EPOCH_LIMIT`, observed at another time and posted at once.
function withSchedule(Word word, uint32 epoch_, uint32 observedAt_) pure returns (Word) {
    uint256 cleared = Word.unwrap(word) & ~((uint256(type(uint32).max) << 96) | ((EPOCH_LIMIT - 1) << 68));
    cleared &= ~(MAX_POSTED_AFTER << 28);
    return Word.wrap(cleared | (uint256(observedAt_) << 96) | (uint256(epoch_) << 68));
}

function value(Word word) pure returns (int128) {
    return int128(int256(Word.unwrap(word)) >> 128);
}

function observedAt(Word word) pure returns (uint32) {
    return uint32(Word.unwrap(word) >> 96);
}

function epoch(Word word) pure returns (uint32) {
    return uint32((Word.unwrap(word) >> 68) & (EPOCH_LIMIT - 1));
}

function lag(Word word) pure returns (uint24) {
    return uint24(Word.unwrap(word) >> 44);
}

function postedAfter(Word word) pure returns (uint16) {
    return uint16(Word.unwrap(word) >> 28);
}

/// @dev The time of posting, up to 15 seconds too late and never too early.
function postedAt(Word word) pure returns (uint256) {
    unchecked {
        return observedAt(word) + POSTED_UNIT * postedAfter(word);
    }
}

/// @dev The time the value is about.
function aboutAt(Word word) pure returns (uint256) {
    unchecked {
        return uint256(observedAt(word)) + lag(word);
    }
}

function status(Word word) pure returns (Status) {
    return Status((Word.unwrap(word) >> 24) & 0xf);
}

/// @dev Whether it stands on the ladder: not none, void or refuted.
function isUsable(Word word) pure returns (bool) {
    // Attested, Final and Proven lie side by side; None wraps round to far above.
    unchecked {
        return ((Word.unwrap(word) >> 24) & 0xf) - uint256(Status.Attested) < 3;
    }
}

function sigma(Word word) pure returns (uint24) {
    return uint24(Word.unwrap(word));
}
