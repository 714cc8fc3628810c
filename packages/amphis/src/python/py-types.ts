import type {
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

import type { ArrowTable, DeviceTensor, LeasedBytes, Tensor } from "../memory/index.ts";
import type { CallOptions } from "./call-options.ts";

/**
 * An attribute of something that has no declarations: nothing is known of it, neither is it checked.
 *
 * It is `any` as everything else would be `undefined` too where `noUncheckedIndexedAccess` is set. A variable with a type takes it back:
 * `const mean: number = await np.mean(values)`; declarations make an end of it.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type PyAny = any;

/**
 * Attributes and calls of something in Python that TypeScript knows nothing about.
 *
 * The members that every function of TypeScript has are named, as they are attributes of Python like any other.
 */
export interface PyDynamic {
  (...args: readonly unknown[]): PyChain;
  readonly [attribute: string]: PyAny;
  readonly apply: PyAny;
  readonly arguments: PyAny;
  readonly bind: PyAny;
  readonly call: PyAny;
  readonly caller: PyAny;
  readonly length: PyAny;
  readonly name: PyAny;
}

/** What can be asked of everything that lives in Python, whether it is there already or yet to be worked out. */
export interface PyOperations {
  /** Goes through it item by item; leaving the loop closes the generator. */
  [Symbol.asyncIterator](): AsyncIterator<PyValue, void, undefined>;
  /** The table that it is or can become: a data frame of pandas or Polars, a table of pyarrow. */
  toArrow(): Promise<ArrowTable>;
}

/**
 * Something that Python has yet to work out. It is sent once, when it is awaited or iterated.
 *
 * Attributes, calls and items of it make longer chains, and travel with it in one message.
 */
export interface PyPending<T> extends PyOperations, PromiseLike<T> {
  catch<R>(onRejected: (error: unknown) => R | PromiseLike<R>): Promise<T | R>;
  finally(onFinally: () => void): Promise<T>;
  /** The same chain with options for when it is sent: a deadline, a signal, a pool. */
  with(options: CallOptions): PyChain<T>;
  /** The same chain, whose result is taken to be of this type; nothing checks it. */
  as<R>(): PyChain<R>;
}

/** A chain without declarations. */
export type PyChain<T = PyValue> = PyPending<T> & PyDynamic;

/** What every live object has. It is no promise: awaiting it gives itself. */
export interface PyLive extends PyOperations, Disposable, AsyncDisposable {
  readonly then: undefined;
}

/** A live object of Python. Reading an attribute asks nothing yet; see {@link PyChain}. */
export type PyObject = PyLive & PyDynamic;

/** What a context manager gave when it was entered. Disposing of it leaves the context. */
export type PyEntered = PyOperations & AsyncDisposable & { readonly then: undefined } & PyDynamic;

/** Something in Python, there or yet to be worked out, as functions that work on such take it. */
export type PyOperand = PyOperations & ({ readonly then: undefined } | PromiseLike<unknown>);

/** Everything that can come back from Python. What is no value is a live object. */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | LeasedBytes
  | Date
  | Timestamp
  | LocalDate
  | LocalTime
  | LocalDateTime
  | Duration
  | Decimal
  | Uuid
  | Complex
  | Path
  | Tensor
  | DeviceTensor
  | ArrowTable
  | PyObject
  | Tuple<PyValue>
  | PyValue[]
  | { [key: string]: PyValue }
  | Map<PyValue, PyValue>
  | Set<PyValue>;

/**
 * Declarations of Python modules by name. Empty until you add to it.
 *
 * ```ts
 * declare module "amphis" {
 *   interface PythonModules { math: { sqrt(x: number): PyPending<number> } }
 * }
 * ```
 */
export interface PythonModules {}

/** What `import` gives for a name. */
export type PyModule<Name extends string> = Name extends keyof PythonModules
  ? PyPending<PythonModules[Name] & PyLive> & PythonModules[Name]
  : PyChain<PyObject>;
