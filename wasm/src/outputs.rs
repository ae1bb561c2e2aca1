//! Step 2: the output rows 0x31 to 0x33: values, weights, implied values. The counterfactuals 0x36 stand in `withheld`.

use crate::codec::rows;
use crate::error::Result;
use crate::fields::{BySeat, Field, Forecaster, Reader, record, seated};
use alloc::vec::Vec;

rows! {
    Value = 0x31,
    Weights = 0x32,
    Implied = 0x33,
}

seated! {
    Weight,
    ImpliedValue,
}

record! {
    /// 0x31: one label's synthesis.
    Value {
        /// Counted from 0.
        label: u16,
        /// The network's value.
        combined: i128,
        /// The value without forecasters.
        naive: i128,
        /// Half the width of the central 68 %, or the past error if that is larger.
        sigma: Option<i128>,
        /// 2.28, 15.87, 50, 84.13 and 97.72 %.
        percentiles: [i128; 5],
    }
}

impl Field for [i128; 5] {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut values = [0; 5];
        for value in &mut values {
            *value = i128::read(reader)?;
        }
        Ok(values)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        self.iter().try_for_each(|value| value.write(out))
    }
}

record! {
    /// 0x32: the weights of the combined values.
    Weights {
        /// By seat; the best weighs 1e18.
        entries: BySeat<Weight>,
    }
}

record! {
    /// One worker's weight.
    Weight {
        /// An inferer's or a forecaster's.
        seat: u8,
        /// Wad, from 0 to 1.
        weight: i128,
    }
}

record! {
    /// 0x33: what the forecasts imply about one label.
    Implied {
        /// Counted from 0.
        label: u16,
        /// By seat, of the forecasters that have one.
        entries: BySeat<ImpliedValue>,
    }
}

record! {
    /// What one forecast implies about one label.
    ImpliedValue {
        /// The forecaster's.
        seat: Forecaster,
        /// Wad.
        value: i128,
    }
}
