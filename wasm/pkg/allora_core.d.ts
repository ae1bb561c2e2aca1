/* tslint:disable */
/* eslint-disable */

/**
 * See `wad::div`.
 */
export function div(x: Uint8Array, y: Uint8Array): Uint8Array;

/**
 * See `exp::exp`.
 */
export function exp(x: Uint8Array): Uint8Array;

/**
 * How a seat's weight came about, no bytes if it has none; see `explain::explain`.
 */
export function explain(inputs: Uint8Array, state: Uint8Array, seat: number): Uint8Array;

/**
 * The first state rows of a topic; see `genesis::genesis`.
 */
export function genesis(parameters: Uint8Array): Uint8Array;

/**
 * The output rows of an epoch; see `synthesis::infer`.
 */
export function infer(inputs: Uint8Array, state: Uint8Array): Uint8Array;

/**
 * See `ln::ln`.
 */
export function ln(x: Uint8Array): Uint8Array;

/**
 * See `wad::mul`.
 */
export function mul(x: Uint8Array, y: Uint8Array): Uint8Array;

/**
 * The 24-bit float of a sigma; see `sigma::pack`. No bytes are an unknown one.
 */
export function packSigma(sigma: Uint8Array): number;

/**
 * The quality word of a settlement; see `settle::quality`.
 */
export function quality(inputs: Uint8Array, state: Uint8Array): Uint8Array;

/**
 * The value without outliers, no bytes if there is none; see `resistant::resistant`.
 */
export function resistant(inputs: Uint8Array, state: Uint8Array): Uint8Array;

/**
 * The new state rows and the output rows of a settlement, in one frame; see `settle::settle`.
 */
export function settle(inputs: Uint8Array, state: Uint8Array): Uint8Array;

/**
 * See `sqrt::sqrt`.
 */
export function sqrt(x: Uint8Array): Uint8Array;

/**
 * The sigma of a 24-bit float; see `sigma::unpack`. An unknown one is no bytes.
 */
export function unpackSigma(float: number): Uint8Array;

/**
 * The output rows without the counterfactuals; see `synthesis::values`.
 */
export function values(inputs: Uint8Array, state: Uint8Array): Uint8Array;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly div: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly exp: (a: number, b: number, c: number) => void;
    readonly explain: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly genesis: (a: number, b: number, c: number) => void;
    readonly infer: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly ln: (a: number, b: number, c: number) => void;
    readonly mul: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly packSigma: (a: number, b: number, c: number) => void;
    readonly quality: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly resistant: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly settle: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly sqrt: (a: number, b: number, c: number) => void;
    readonly unpackSigma: (a: number, b: number) => void;
    readonly values: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly __wbindgen_add_to_stack_pointer: (a: number) => number;
    readonly __wbindgen_export: (a: number, b: number) => number;
    readonly __wbindgen_export2: (a: number, b: number, c: number) => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
