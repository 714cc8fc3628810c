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
  PythonLog,
  PythonOptions,
  PythonPoolOptions,
  PythonSession,
  PythonSessionInfo,
  PythonSessionOptions,
  PythonStatus,
  SyncCalls,
} from "./python/contract.ts";
export type { CallOptions, CallSession } from "./python/call-options.ts";

// Calls
export { kw } from "./python/keywords.ts";
export type { Keywords } from "./python/keywords.ts";
export { fetch, isPython, keep, release, toArrow, typeOf } from "./python/operations.ts";
export { enter, within } from "./python/enter.ts";

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
} from "./python/operations.ts";
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
} from "./python/operators.ts";

// Types of what comes from Python
export type {
  PyAny,
  PyChain,
  PyDynamic,
  PyEntered,
  PyLive,
  PyModule,
  PyObject,
  PyOperand,
  PyOperations,
  PyPending,
  PythonModules,
  PyValue,
} from "./python/py-types.ts";

// Arrays and tables
export { ArrowTable, DeviceTensor, LeasedBytes, Tensor, tensor } from "./memory/index.ts";

// Values that TypeScript has no type of its own for
export {
  Complex,
  Decimal,
  Duration,
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
