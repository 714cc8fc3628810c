export { AmphisError, isAmphisError } from "./amphis-error.ts";
export type {
  AmphisErrorOptions,
  ErrorContext,
  ErrorOrigin,
  RemoteErrorInfo,
} from "./amphis-error.ts";
export { ERRORS } from "./generated/codes.ts";
export type { ErrorCategory, ErrorCode, ErrorContexts, ErrorInfo } from "./generated/codes.ts";
export type { ConfigProblem } from "./config-problem.ts";
export type { PythonFrame } from "./python-frame.ts";
export type { ValidationFailure } from "./validation-failure.ts";
export { decodeError, encodeError } from "./wire.ts";
export type { WireError } from "./wire.ts";
