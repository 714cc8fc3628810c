/*
 * What configured libraries add to their calls: names, members, kept results, hooks, turns, batches, statistics. `LibraryCalls` stands in
 * front of the pools.
 */

export type { CallTarget, NamedCall, Reach, ReachOf } from "./call-target.ts";
export type { CacheFigures } from "./cache/index.ts";
export { startFailure, workerChores } from "./hooks/index.ts";
export { LibraryCalls } from "./library-calls.ts";
export type { ForgetOptions } from "./library-calls.ts";
export type { LibraryFigures, Renew } from "./open-library.ts";
export { checkSerializer, registration, typedValues } from "./serialize/index.ts";
export type { CallsPython, CheckSerializerOptions, SerializerReport } from "./serialize/index.ts";
export type { FunctionFigures } from "./statistics/index.ts";
