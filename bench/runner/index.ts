export type { Case, Cases } from "./case.ts";
export { measure } from "./measure.ts";
export type { Measured } from "./measure.ts";
export { printResult, printTable } from "./result.ts";
