//! Step 6: registrations, in the chain's order, move workers in and out of seats.
//!
//! Method: who joins takes the lowest free seat of each of its roles and waits for those that have none; when one leaves, its
//! seats go to the first that waits for such a seat, the lowest first. A new signer moves nobody.
//! Special cases: reputers take no seat; of 513 that would wait the last is not taken up; who sits or waits does not join
//! again.

use crate::codec::Address;
use crate::fields::BySeat;
use crate::inputs::{OneToThree, Registration};
use crate::parameters::Seating;
use crate::state::{MAX_WAITING, Queue, SeatOwner, Seats, Waiting};
use alloc::vec::Vec;

const JOINED: u8 = 1;
const LEFT: u8 = 2;
const INFERER: u8 = 1;
const FORECASTER: u8 = 2;

/// The seats of a topic while registrations are taken up.
#[derive(Debug)]
pub struct Room<'a> {
    seating: &'a Seating,
    seated: BySeat<SeatOwner>,
    waiting: Vec<Waiting>,
    vacated: Vec<u8>,
}

impl<'a> Room<'a> {
    /// The seats as they were.
    pub fn new(seats: Seats, seating: &'a Seating) -> Self {
        let Seats { seated, waiting: Queue(waiting) } = seats;
        Self { seating, seated, waiting, vacated: Vec::new() }
    }

    /// Takes up one registration.
    pub fn take_up(&mut self, registration: &Registration) {
        match registration.change.0 {
            JOINED => self.join(registration.owner, registration.roles.0),
            LEFT => self.leave(&registration.owner),
            _ => {}
        }
    }

    /// Whether somebody left the seat meanwhile, be it that it is taken again.
    pub fn was_vacated(&self, seat: u8) -> bool {
        self.vacated.contains(&seat)
    }

    /// The seats as they are now.
    pub fn into_seats(self) -> Seats {
        Seats { seated: self.seated, waiting: Queue(self.waiting) }
    }

    fn join(&mut self, owner: Address, roles: u8) {
        let sits = self.seated.0.iter().any(|entry| entry.owner == owner);
        if sits || self.waiting.iter().any(|waiting| waiting.owner == owner) {
            return;
        }
        let mut missing = 0;
        for role in [INFERER, FORECASTER].into_iter().filter(|role| roles & role != 0) {
            match self.free(role) {
                Some(seat) => self.seated.put(SeatOwner { seat, owner }),
                None => missing |= role,
            }
        }
        if missing != 0 && self.waiting.len() < MAX_WAITING {
            self.waiting.push(Waiting { roles: OneToThree(missing), owner });
        }
    }

    fn leave(&mut self, owner: &Address) {
        let left = self.seated.0.iter().filter(|entry| entry.owner == *owner);
        self.vacated.extend(left.map(|entry| entry.seat));
        self.seated.0.retain(|entry| entry.owner != *owner);
        self.waiting.retain(|waiting| waiting.owner != *owner);
        for role in [INFERER, FORECASTER] {
            while self.seat_next(role) {}
        }
    }

    /// Gives the lowest free seat to the first that waits for one; says whether there were both.
    fn seat_next(&mut self, role: u8) -> bool {
        let Some(seat) = self.free(role) else { return false };
        let Some(next) = self.waiting.iter_mut().find(|waiting| waiting.roles.0 & role != 0) else {
            return false;
        };
        next.roles.0 &= !role;
        self.seated.put(SeatOwner { seat, owner: next.owner });
        self.waiting.retain(|waiting| waiting.roles.0 != 0);
        true
    }

    fn free(&self, role: u8) -> Option<u8> {
        let (first, count): (u8, u8) = match role {
            INFERER => (0, self.seating.inferer_seats),
            _ => (0x80, self.seating.forecaster_seats),
        };
        (first..first.saturating_add(count)).find(|seat| self.seated.find(*seat).is_none())
    }
}
