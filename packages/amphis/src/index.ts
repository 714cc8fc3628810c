/*
 * Python's libraries from TypeScript as if they were local. Start with `openPython`; what can be done with what it gives is in `Python`,
 * and with objects of Python in the functions below. Buses, shared memory and transports are in subpaths of their own.
 */

// Opening Python
export { openPython } from "./python.ts";
export type {
  Names,
  Python,
  PythonCalls,
  PythonEnvironment,
  PythonLog,
  PythonOptions,
  PythonPoolOptions,
  PythonProgress,
  PythonSession,
  PythonSessionInfo,
  PythonSessionOptions,
  PythonStatus,
  SyncCalls,
} from "./python/index.ts";
export type { CallOptions, CallSession } from "./python/index.ts";

// The configuration of a project
export { defineConfig } from "./config/index.ts";
export type { AmphisConfig, LoadedConfig } from "./config/index.ts";

// Options and status of pools
export type {
  BackoffOptions,
  BreakerOptions,
  BreakerStatus,
  CallCounts,
  Crash,
  CrashPattern,
  DeathKind,
  EnvironmentOptions,
  KillReason,
  LatencySummary,
  PoolStatus,
  Profile,
  RecycleOptions,
  RetryOptions,
  SessionAffinity,
  SessionState,
  SessionStatus,
  WorkerCounts,
  WorkerHealth,
  WorkerStatus,
} from "./pool/index.ts";
export type { LogLevel, WorkerLimits } from "./worker/index.ts";

// Calls
export { kw } from "./python/index.ts";
export type { Keywords } from "./python/index.ts";
export { fetch, isPython, keep, release, toArrow, typeOf } from "./python/index.ts";
export { enter, within } from "./python/index.ts";

// What Python's syntax does with an object
export {
  attribute,
  contains,
  deleteAttribute,
  deleteItem,
  ellipsis,
  hasAttribute,
  isInstance,
  item,
  iterate,
  len,
  repr,
  setAttribute,
  setItem,
  slice,
  str,
} from "./python/index.ts";
export {
  add,
  and,
  div,
  eq,
  floorDiv,
  ge,
  gt,
  invert,
  isSame,
  le,
  lt,
  matmul,
  mod,
  mul,
  ne,
  neg,
  not,
  or,
  pow,
  shiftLeft,
  shiftRight,
  sub,
  truth,
  xor,
} from "./python/index.ts";

// Types of what comes from Python
export type {
  PyAny,
  PyArgument,
  PyArray,
  PyArrayLike,
  PyBytes,
  PyChain,
  PyClass,
  PyDynamic,
  PyEntered,
  PyInput,
  PyInstance,
  PyLive,
  PyModule,
  PyNumber,
  PyObject,
  PyOperand,
  PyOperations,
  PyPending,
  PyScalar,
  PyStep,
  PythonModules,
  PyValue,
} from "./python/index.ts";

// Arrays and tables
export { ArrowTable, DeviceTensor, LeasedBytes, Tensor, tensor } from "./memory/index.ts";

// Values that TypeScript has no type of its own for
export {
  Complex,
  Decimal,
  Duration,
  Float,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Timestamp,
  Tuple,
  Uuid,
} from "@amphis/protocol";

// Errors
export { AmphisError, isAmphisError } from "@amphis/protocol";
export type { ErrorCode, PythonFrame } from "@amphis/protocol";
