export { FunctionStatistics } from "./function-statistics.ts";
export type { FunctionFigures } from "./function-statistics.ts";
export { Trace } from "./trace.ts";
export type { AnswerSource } from "./trace.ts";
