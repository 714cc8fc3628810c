export type { Case, Cases } from "./case.ts";
export { measure } from "./measure.ts";
export type { Measured, MeasureOptions } from "./measure.ts";
export { machine, printResult, printTable } from "./result.ts";
export type { Result, Target } from "./result.ts";
