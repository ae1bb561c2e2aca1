// SPDX-License-Identifier: Apache-2.0
// The norm of the packed rows: what the core reads and writes, what members serve, what a hash in a message stands for.
//
// Big-endian, no padding, nothing after the last field. Widths in bytes: kind, seat, flag and small enums 1; label, count
// and number 2; topic, epoch and time 4; Wad (two's complement int128), stake and reward 16; address 20; hash 32.
// `[x]` follows a flag: 1 and the value, or 0 and no bytes. `(…)*` repeats as often as the count before it says.
// Seats: inferers 0x00 to 0x7f, forecasters 0x80 + k. Entries stand strictly ascending by seat. A row has at most 16384
// bytes. Anything else does not decode, in any language.
//
// kind  name            fields after the kind byte
// ----  --------------  ------------------------------------------------------------------------------------------------
// 0x01  report context  parameters hash 32, settled epoch 4, settled leaf hash 32, state hash 32, inputs hash 32,
//                       outputs hash 32; before the first settlement the settled epoch and leaf hash are 0
// 0x02  settlement context  parameters hash 32, hash of the context of the epoch's report 32 (0 if there is none), inputs
//                       hash 32 (0 if missed), outputs hash 32, registrations' running hash 32
// 0xff  list            kind of list 1 (0x10 inputs, 0x20 state, 0x30 outputs), count 2, row hashes 32 each
// 0x11  parameters      see types/Parameters.sol; 404 bytes
// 0x12  inferences      label 2, count 2, (seat 1, value 16)*; one row per label
// 0x13  forecast        seat 1, count 2, (inferer's seat 1, loss 16)*; one row per forecaster
// 0x14  signatures      count 2, (seat 1, extra 32, signature 64)*; one per submission, under the worker's lowest seat
// 0x15  registrations   number 2 from 0, count 2, (change 1, roles 1, owner 20, signer 20)*; at most 380 entries, every
//                       row but the last full
// 0x16  electorate      count 2, (reputer 20, stake 16)*; registered as reputers, with stake, at the truth window's close; at
//                       most 32, those of the most stake, ties to the lower address
// 0x17  truths          label 2, count 2, (reputer 20, value 16)*; one row per label
// 0x18  truth signatures  count 2, (reputer 20, extra 32, signature 64)*
// 0x19  pot             reward 16 (0)
// 0x1a  roster          count 2, (seat 1, owner 20)*; who sat where when the report was made
// 0x21  version         version 2 (= 1)
// 0x22  seats           count 2, (seat 1, worker's owner 20)*, count 2, waiting (roles 1, owner 20)*; those that wait stand in
//                       the order in which they came, under the roles they have no seat for, at most 512
// 0x23  regrets         previous loss [16], scale 16, initial regret [16] (absent: all are new), count 2, inferers (seat 1,
//                       network regret 16, naive regret 16)*, count 2, forecasters (seat 1, network regret 16)*; a seat
//                       that stands here has been seen, any other has the initial regret
// 0x24  errors          count 2 of labels, (EMA error [16], last median [16], median absolute deviation [16])*
// 0x25  inclusions      count 2, (seat 1, count 2)*; epochs in which the seat's present worker was scored, at most 65535
// 0x26  quality         [network loss 16, naive loss 16], [within sigma 16, within two sigma 16], missed 4; moving averages of
//                       losses and of shares, and how many epochs were missed, at most 2^32 - 1
// 0x27  one-out regrets  seat 1, count 2, (seat 1, regret 16)*; regrets of others against the combined value without the first
//                       seat's inferer or forecaster; at least one, never that seat's own; one row per seat ever withheld
// 0x28  one-in regrets  forecaster's seat 1, count 2, (seat 1, regret 16)*; regrets of inferers and of that forecaster against
//                       the combined value of the inferers and that forecaster alone; at least one; one row per forecaster
// 0x29  one-out tables  count 2, (seat 1, hash of its row 0x27 32)*
// 0x2a  one-in tables   count 2, (seat 1, hash of its row 0x28 32)*
// 0x31  value           label 2, combined 16, naive 16, sigma [16], percentiles 2.28, 15.87, 50, 84.13, 97.72 16 each;
//                       one row per label
// 0x32  weights         count 2, (seat 1, weight 16)*; of the combined value, the best is 1e18; while all are new 1e18 for
//                       every inferer and no forecaster
// 0x33  implied         label 2, count 2, (forecaster's seat 1, value 16)*; one row per label
// 0x34  settled truth   count 2 of labels, value 16 each; of classes 1e18 for the one, 0 for the others
// 0x35  losses          combined 16, naive 16, count 2, (seat 1, loss 16)*; log10
// 0x36  counterfactuals label 2, then four lists, each empty where wasm/src/counterfactuals.rs says that there are none:
//                       count 2, (inferer's seat 1, combined value without it 16)*,
//                       count 2, (forecaster's seat 1, combined value without it 16)*,
//                       count 2, (forecaster's seat 1, combined value of the inferers and it alone 16)*,
//                       count 2, (forecaster's seat 1, inferer's seat 1, the forecaster's implied value without the inferer
//                       16)*, ascending by both; one row per label
// 0x37  counterfactual losses  the same four lists with losses in the place of the values; log10
//
// A row's hash is its keccak256. A list is itself a row, so a list's hash is keccak256 of that. Rows stand in a list in
// ascending order of (kind, number or label or seat), each at most once; entries of reputers strictly ascending by address:
//   report      inputs   0x11; 0x12 per label; 0x13 per forecaster; 0x14; before the first settlement 0x15, as many as there are
//               outputs  0x31 per label; 0x32; 0x33 per label; 0x36 per label
//   settlement  inputs   0x11; the report's 0x12 and 0x13; 0x15 since the parent settlement; 0x16; 0x17 per label; 0x18; 0x19;
//                        0x1a; the report's 0x31, 0x33 and 0x36
//               outputs  0x34, 0x35, 0x37; nothing if the epoch was missed
//   state                0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x29, 0x2a; through the last two, 0x27 by seat and 0x28 by seat
//
// Registrations: change 1 joined, 2 left, 3 signer changed; roles the sum of 1 inferer, 2 forecaster, 4 reputer. Roles and
// signer are the values after the change, for `left` those it had. Running hash: h = 0, then keccak256(h ‖ entry) for each entry of 42 bytes.
pragma solidity ^0.8.28;

uint8 constant ROW_CONTEXT = 0x01;
uint8 constant ROW_SETTLEMENT_CONTEXT = 0x02;
uint8 constant ROW_LIST = 0xff;

uint8 constant LIST_INPUTS = 0x10;
uint8 constant ROW_PARAMETERS = 0x11;
uint8 constant ROW_INFERENCES = 0x12;
uint8 constant ROW_FORECAST = 0x13;
uint8 constant ROW_SIGNATURES = 0x14;
uint8 constant ROW_REGISTRATIONS = 0x15;
uint8 constant ROW_ELECTORATE = 0x16;
uint8 constant ROW_TRUTHS = 0x17;
uint8 constant ROW_TRUTH_SIGNATURES = 0x18;
uint8 constant ROW_POT = 0x19;
uint8 constant ROW_ROSTER = 0x1a;

uint8 constant LIST_STATE = 0x20;
uint8 constant ROW_VERSION = 0x21;
uint8 constant ROW_SEATS = 0x22;
uint8 constant ROW_REGRETS = 0x23;
uint8 constant ROW_ERRORS = 0x24;
uint8 constant ROW_INCLUSIONS = 0x25;
uint8 constant ROW_QUALITY = 0x26;
uint8 constant ROW_ONE_OUT_REGRETS = 0x27;
uint8 constant ROW_ONE_IN_REGRETS = 0x28;
uint8 constant ROW_ONE_OUT_TABLES = 0x29;
uint8 constant ROW_ONE_IN_TABLES = 0x2a;

uint8 constant LIST_OUTPUTS = 0x30;
uint8 constant ROW_VALUE = 0x31;
uint8 constant ROW_WEIGHTS = 0x32;
uint8 constant ROW_IMPLIED = 0x33;
uint8 constant ROW_SETTLED_TRUTH = 0x34;
uint8 constant ROW_LOSSES = 0x35;
uint8 constant ROW_COUNTERFACTUALS = 0x36;
uint8 constant ROW_COUNTERFACTUAL_LOSSES = 0x37;

uint8 constant CHANGE_JOINED = 1;
uint8 constant CHANGE_LEFT = 2;
uint8 constant CHANGE_SIGNER = 3;

uint8 constant ROLE_INFERER = 1;
uint8 constant ROLE_FORECASTER = 2;
uint8 constant ROLE_REPUTER = 4;
uint8 constant ROLES_ALL = 7;
