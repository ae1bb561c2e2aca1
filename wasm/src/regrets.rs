//! Step 6: losses become regrets, and regrets the scale and the regret of those not seen yet.
//!
//! Method: 1. a regret is the moving average, with the topic's alpha, of the network's loss less one's own; a naive regret
//! that of the naive value's loss less one's own. It starts from the initial regret, and from 0 while all are new.
//! 2. scale: 1.4826 · MAD + epsilon of the new network regrets.
//! 3. initial regret: with X the new network regrets of those seen in at least 1/alpha epochs before, if they are ten or more,
//!    quantile(X, 0.25) + (c - 8.25/p) · (deviation of X + epsilon); else quantile(Y, 0.25) with Y all new network regrets.
//! Special cases: without a new regret scale and initial regret stay; both, too large, saturate at the ends of 128 bits.
//! Accuracy: a regret has one division toward zero; the others those of `statistics.rs`, quotients and products toward zero.

use crate::error::Result;
use crate::fields::{BySeat, Forecaster, Inferer};
use crate::int::I256;
use crate::outcome::Told;
use crate::parameters::Arithmetic;
use crate::past::Past;
use crate::settlement::{LossOf, Losses};
use crate::state::{ForecasterRegret, Inclusion, InfererRegret, SeatOwner};
use crate::statistics::{moving_average, quantile, standard_deviation};
use crate::tables::Lesson;
use crate::wad::{self, ONE, narrow};
use crate::weights::scale;
use crate::withheld::Lists;
use alloc::vec::Vec;

/// How many experienced ones the initial regret is taken from.
pub const EXPERIENCED: usize = 10;
/// 0.25: what quantile of the regrets the initial one is.
const QUANTILE: I256 = I256::from_i128(250_000_000_000_000_000);
/// 8.25: how far below the centre the weight function has fallen to nothing, times p.
const REACH: I256 = I256::from_i128(8_250_000_000_000_000_000);

/// Takes up the losses of those that still hold the seat on which they took part.
pub fn learn(
    past: &mut Past,
    told: &Told,
    losses: &Losses,
    lists: &Lists,
    arithmetic: &Arithmetic,
) -> Result<()> {
    let (mut new, mut learners) = (Vec::new(), Vec::new());
    for entry in &losses.entries.0 {
        let owner = |seats: &BySeat<SeatOwner>| seats.find(entry.seat).map(|entry| entry.owner);
        if owner(&told.roster) == owner(&past.seats.seated) {
            new.push(learn_of(past, entry, losses, arithmetic)?);
            learners.push(entry.seat);
        }
    }
    let unseen = past.regrets.initial_regret.unwrap_or_default();
    let alpha_regret = arithmetic.alpha_regret.into();
    let lesson = Lesson { losses, lists, learners: &learners, alpha_regret, unseen };
    lesson.learn(&mut past.one_out, &mut past.one_in)?;
    if let Some(initial) = initial(&new, arithmetic)? {
        let network: Vec<_> = new.iter().map(|(regret, _)| *regret).collect();
        past.regrets.initial_regret = Some(saturated(initial));
        past.regrets.scale = saturated(scale(&network, arithmetic.epsilon.into())?);
    }
    Ok(())
}

/// The new network regret of one, and whether it was experienced before.
fn learn_of(
    past: &mut Past,
    LossOf { seat, loss }: &LossOf,
    losses: &Losses,
    arithmetic: &Arithmetic,
) -> Result<(I256, bool)> {
    let (seat, own, alpha) = (*seat, (*loss).into(), arithmetic.alpha_regret.into());
    let regrets = &mut past.regrets;
    let unseen = regrets.initial_regret.unwrap_or_default();
    let inferer = regrets.inferers.find(seat);
    let seen = match inferer {
        Some(entry) => Some(entry.network),
        None => regrets.forecasters.find(seat).map(|entry| entry.network),
    };
    let regret = updated(losses.combined.into(), own, seen.unwrap_or(unseen).into(), alpha)?;
    let network = narrow(regret)?;
    if seat < 0x80 {
        let before = inferer.map_or(unseen, |entry| entry.naive);
        let naive = narrow(updated(losses.naive.into(), own, before.into(), alpha)?)?;
        regrets.inferers.put(InfererRegret { seat: Inferer(seat), network, naive });
    } else {
        regrets.forecasters.put(ForecasterRegret { seat: Forecaster(seat), network });
    }
    let included = past.inclusions.entries.find(seat).map_or(0, |entry| entry.count);
    past.inclusions.entries.put(Inclusion { seat, count: included.saturating_add(1) });
    Ok((regret, is_experienced(included, alpha)))
}

/// The regret after an epoch.
pub fn updated(
    reference_loss: I256,
    own_loss: I256,
    previous: I256,
    alpha_regret: I256,
) -> Result<I256> {
    moving_average(alpha_regret, wad::sub(reference_loss, own_loss)?, previous)
}

/// Whether so many epochs make an experienced one: as many as 1/alpha.
pub fn is_experienced(inclusions: u16, alpha_regret: I256) -> bool {
    // 16 bits times 60.
    I256::from_i128(inclusions.into()).wrapping_mul(alpha_regret) >= ONE
}

/// The initial regret from the new regrets, each with whether its owner is experienced; none without any.
pub fn initial(regrets: &[(I256, bool)], arithmetic: &Arithmetic) -> Result<Option<I256>> {
    let experienced: Vec<_> =
        regrets.iter().filter(|(_, experienced)| *experienced).map(|(regret, _)| *regret).collect();
    if experienced.len() >= EXPERIENCED {
        return of_experienced(&experienced, arithmetic).map(Some);
    }
    let all: Vec<_> = regrets.iter().map(|(regret, _)| *regret).collect();
    if all.is_empty() { Ok(None) } else { quantile(&all, QUANTILE).map(Some) }
}

/// The initial regret below those of experienced ones.
pub fn of_experienced(regrets: &[I256], arithmetic: &Arithmetic) -> Result<I256> {
    let spread = wad::add(standard_deviation(regrets)?, arithmetic.epsilon.into())?;
    let reach = wad::div(REACH, arithmetic.p_norm.into())?;
    let below = wad::mul(wad::sub(arithmetic.c_norm.into(), reach)?, spread)?;
    wad::add(quantile(regrets, QUANTILE)?, below)
}

/// The nearest 128-bit integer.
pub fn saturated(value: I256) -> i128 {
    let end = if value.is_negative() { i128::MIN } else { i128::MAX };
    value.to_i128().unwrap_or(end)
}
