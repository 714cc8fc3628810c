/*
 * What Amphis speaks, for those who make messages, codecs, transports and tools. Read in this order: a Message is encoded by a
 * MessageCodec; the bytes travel as the body of a Frame; a Hello decides which codec and which limits hold; everything that goes
 * wrong is an AmphisError. Schemas and their registry are in `@amphis/protocol/schema`.
 */

// Messages
export {
  Message,
  MESSAGE_TYPES,
  MessageBuilder,
  MessageDraft,
  messageCodec,
} from "./message/index.ts";
export type {
  MessageCodec,
  MessageCodecOptions,
  MessageContent,
  MessageDraftInit,
  MessageHead,
  MessageInit,
  MessageType,
  PayloadContracts,
} from "./message/index.ts";
export { PRIORITIES } from "./priority.ts";
export type { Priority } from "./priority.ts";

// Values and codecs
export {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
  uuidv7,
} from "./value/index.ts";
export type { Scalar, Value, ValueMap } from "./value/index.ts";
export { codec, compact, compactFor, json, msgpack } from "./codec/index.ts";
export type {
  Adoption,
  Codec,
  CodecName,
  CodecOptions,
  CompactCodec,
  CompactOptions,
  Foreign,
  Prefix,
} from "./codec/index.ts";

// Errors
export { AmphisError, decodeError, encodeError, ERRORS, isAmphisError } from "./error/index.ts";
export type {
  AmphisErrorOptions,
  ConfigProblem,
  ErrorCategory,
  ErrorCode,
  ErrorContext,
  ErrorContexts,
  ErrorInfo,
  ErrorOrigin,
  PythonFrame,
  RemoteErrorInfo,
  ValidationFailure,
  WireError,
} from "./error/index.ts";

// For people
export { formatFrame, formatMessage, formatValue, wantsColor } from "./print/index.ts";
export { nearNames } from "./near.ts";
export type { PrintableFrame, PrintableMessage, PrintOptions, PrintStyle } from "./print/index.ts";

// Frames, hello and bodies, for those who write transports
export {
  bodyOf,
  DEFAULT_MAX_FRAME_BYTES,
  encodeFrame,
  encodeWholeFrame,
  FRAME_KINDS,
  FrameDecoder,
  frameParts,
  HEADER_BYTES,
  peekHeader,
  PROTOCOL_VERSION,
} from "./frame/index.ts";
export type {
  EncodeFrameOptions,
  Frame,
  FrameAttachment,
  FrameDecoderOptions,
  FrameHeader,
  FrameInit,
  FrameKind,
  FrameShape,
} from "./frame/index.ts";
export { decodeHello, encodeHello, negotiate } from "./hello/index.ts";
export type { Hello, HelloLimits, Negotiated, NegotiateOptions } from "./hello/index.ts";
export {
  decodeAdopting,
  decodeCall,
  decodeCallback,
  decodeCancel,
  decodeCredit,
  decodeEnd,
  decodeErrorBody,
  decodeEvent,
  decodeItem,
  decodeLog,
  decodeMemory,
  decodeProgram,
  decodeReference,
  decodeRelease,
  decodeResult,
  encodeCall,
  encodeCallback,
  encodeCancel,
  encodeCredit,
  encodeEnd,
  encodeErrorBody,
  encodeEvent,
  encodeItem,
  encodeLog,
  encodeMemory,
  encodeProgram,
  encodeReference,
  encodeRelease,
  encodeResult,
  errorOf,
  Place,
  readCallback,
  readFigures,
  referenceToSign,
  SequenceCheck,
  callOptions,
} from "./bodies/index.ts";
export type {
  CallBody,
  CallbackBody,
  CancelBody,
  CreditBody,
  EndBody,
  EventBody,
  Figures,
  ItemBody,
  LogBody,
  LogLevel,
  MemoryBody,
  ProgramBody,
  Reference,
  ReferenceDescriptor,
  ReleaseBody,
  ResultBody,
  UnsignedReference,
  CallBodyOptions,
} from "./bodies/index.ts";
