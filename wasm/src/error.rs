//! Why the core refuses. The same failure has the same name in Solidity and TypeScript.

use core::fmt;

/// A refusal; every input has either a result or one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not a row of the expected kind, or not a frame of rows.
    MalformedRow,
    /// The rows do not stand in the order of the list, or one is missing, or one too many.
    RowsOutOfOrder,
    /// A parameter lies outside its bounds.
    ParameterOutOfRange,
    /// A seat is named that the topic does not have.
    SeatOutOfRange,
    /// The labels' inferences or implied values are not of the same seats, or of one that did not forecast.
    SeatsDiffer,
    /// No worker gave an inference.
    NoInferences,
    /// An inference or a value made of some lies outside the topic's range, or a sigma is negative.
    OutOfRange,
    /// A worker's labels do not sum to one within the topic's tolerance.
    NotUnity,
    /// A forecast loss lies outside its bounds.
    LossOutOfRange,
    /// The state holds a negative scale, error or deviation, or another number of labels than the topic.
    StateOutOfRange,
    /// Reputers of less than two thirds of the stake gave a truth.
    TruthMissing,
    /// A truth lies further out than any inference may.
    TruthOutOfRange,
    /// A truth about classes is not one of them.
    NotOneClass,
    /// The labels' truths, or their signatures, are not of the same reputers.
    ReputersDiffer,
    /// A truth is of one who has no say in the epoch.
    NotAnElector,
    /// The roster names nobody for the seat of an inference or a forecast.
    NotInRoster,
    /// There is a pot, and no rewards yet to share it out.
    PotNotBuilt,
    /// There is no regret to make a weight from.
    NoRegrets,
    /// The sum of the weights is zero.
    NoWeight,
    /// A product does not fit 256 bits.
    SMulWadFailed,
    /// A quotient's numerator does not fit 256 bits, or its divisor is zero.
    SDivWadFailed,
    /// The exponential does not fit 256 bits.
    ExpOverflow,
    /// The logarithm of zero or less.
    LnWadUndefined,
    /// A sum or a result does not fit its width.
    Overflow,
    /// A sigma that the 24-bit float does not hold, or a float that is of none of its forms.
    InvalidSigma,
}

impl Error {
    /// The name that the other languages know the failure by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedRow => "MalformedRow",
            Self::RowsOutOfOrder => "RowsOutOfOrder",
            Self::ParameterOutOfRange => "ParameterOutOfRange",
            Self::SeatOutOfRange => "SeatOutOfRange",
            Self::SeatsDiffer => "SeatsDiffer",
            Self::NoInferences => "NoInferences",
            Self::OutOfRange => "OutOfRange",
            Self::NotUnity => "NotUnity",
            Self::LossOutOfRange => "LossOutOfRange",
            Self::StateOutOfRange => "StateOutOfRange",
            Self::TruthMissing => "TruthMissing",
            Self::TruthOutOfRange => "TruthOutOfRange",
            Self::NotOneClass => "NotOneClass",
            Self::ReputersDiffer => "ReputersDiffer",
            Self::NotAnElector => "NotAnElector",
            Self::NotInRoster => "NotInRoster",
            Self::PotNotBuilt => "PotNotBuilt",
            Self::NoRegrets => "NoRegrets",
            Self::NoWeight => "NoWeight",
            Self::SMulWadFailed => "SMulWadFailed",
            Self::SDivWadFailed => "SDivWadFailed",
            Self::ExpOverflow => "ExpOverflow",
            Self::LnWadUndefined => "LnWadUndefined",
            Self::Overflow => "Overflow",
            Self::InvalidSigma => "InvalidSigma",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::MalformedRow => "the bytes do not decode",
            Self::RowsOutOfOrder => "the rows do not stand in the order of their list",
            Self::ParameterOutOfRange => "a parameter lies outside its bounds",
            Self::SeatOutOfRange => "the topic has no such seat",
            Self::SeatsDiffer => "the labels' values are not of the same seats",
            Self::NoInferences => "there is no inference",
            Self::OutOfRange => "a value lies outside the topic's range",
            Self::NotUnity => "a worker's labels do not sum to one",
            Self::LossOutOfRange => "a forecast loss lies outside its bounds",
            Self::StateOutOfRange => "the state does not fit the topic",
            Self::TruthMissing => "reputers of less than two thirds of the stake gave a truth",
            Self::TruthOutOfRange => "a truth lies outside ±1e15",
            Self::NotOneClass => "a truth does not name one class",
            Self::ReputersDiffer => {
                "the labels' truths or their signatures are not of the same reputers"
            }
            Self::NotAnElector => "a truth is of one outside the electorate",
            Self::NotInRoster => "the roster names nobody for a seat",
            Self::PotNotBuilt => "there are no rewards yet to share out a pot",
            Self::NoRegrets => "there is no regret",
            Self::NoWeight => "the weights sum to zero",
            Self::SMulWadFailed => "the product does not fit 256 bits",
            Self::SDivWadFailed => "the numerator does not fit 256 bits or the divisor is zero",
            Self::ExpOverflow => "the exponential does not fit 256 bits",
            Self::LnWadUndefined => "the logarithm of zero or less",
            Self::Overflow => "a result does not fit its width",
            Self::InvalidSigma => "the 24-bit float does not hold this sigma",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.sentence())
    }
}

impl core::error::Error for Error {}

/// What the core's functions return.
pub type Result<T> = core::result::Result<T, Error>;
