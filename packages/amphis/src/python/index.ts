/*
 * Calls of Python, objects of it, and what can be done with them; the names that users see. What opens Python is beside this folder.
 */

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
} from "./contract.ts";
export type { CallOptions, CallSession } from "./call-options.ts";
export { kw } from "./keywords.ts";
export type { Keywords } from "./keywords.ts";
export { fetch, isPython, keep, release, toArrow, typeOf } from "./operations.ts";
export { enter, within } from "./enter.ts";
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
} from "./operations.ts";
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
} from "./operators.ts";
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
} from "./py-types.ts";
