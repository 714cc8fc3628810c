export { decodeCall, encodeCall } from "./call.ts";
export type { CallBody } from "./call.ts";
export { decodeErrorBody, encodeErrorBody, errorOf } from "./error.ts";
export { decodeMemory, encodeMemory } from "./memory.ts";
export type { MemoryBody } from "./memory.ts";
export { Place } from "./place.ts";
export { decodeReference, encodeReference, referenceToSign } from "./reference.ts";
export type { Reference, ReferenceDescriptor, UnsignedReference } from "./reference.ts";
export { decodeResult, encodeResult } from "./result.ts";
export type { ResultBody } from "./result.ts";
export {
  decodeCancel,
  decodeCredit,
  decodeEnd,
  decodeItem,
  encodeCancel,
  encodeCredit,
  encodeEnd,
  encodeItem,
  SequenceCheck,
} from "./stream.ts";
export type { CancelBody, CreditBody, EndBody, ItemBody } from "./stream.ts";
export { decodeAdopting } from "./adopting.ts";
export { decodeEvent, decodeLog, encodeEvent, encodeLog } from "./report.ts";
export type { EventBody, LogBody, LogLevel } from "./report.ts";
export {
  decodeCallback,
  decodeProgram,
  decodeRelease,
  encodeCallback,
  encodeProgram,
  encodeRelease,
  readCallback,
  readFigures,
  callOptions,
} from "./work.ts";
export type { CallbackBody, Figures, ProgramBody, ReleaseBody, CallBodyOptions } from "./work.ts";
