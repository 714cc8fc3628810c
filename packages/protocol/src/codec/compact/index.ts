export { compact, compactFor, compactForNames } from "./compact.ts";
export type { CompactCodec, CompactOptions, Prefix } from "./compact.ts";
export { canGenerate, Source } from "./source.ts";
