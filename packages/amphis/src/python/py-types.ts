import type {
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
export interface PyOperations<Item = PyValue> {
  /** Goes through it item by item; leaving the loop closes the generator. */
  [Symbol.asyncIterator](): AsyncIterator<Item, void, undefined>;
  /** The table that it is or can become: a data frame of pandas or Polars, a table of pyarrow. */
  toArrow(): Promise<ArrowTable>;
}

/**
 * Something that Python has yet to work out. It is sent once, when it is awaited or iterated.
 *
 * Attributes, calls and items of it make longer chains, and travel with it in one message.
 */
export interface PyPending<T, Members = unknown, Item = PyValue>
  extends PyOperations<Item>, PromiseLike<T> {
  catch<R>(onRejected: (error: unknown) => R | PromiseLike<R>): Promise<T | R>;
  finally(onFinally: () => void): Promise<T>;
  /** The same chain with options for when it is sent: a deadline, a signal, a pool. */
  with(options: CallOptions): PyPending<T, Members, Item> & Members;
  /** The same chain, whose result is taken to be of this type; nothing checks it. */
  as<R>(): PyChain<R>;
}

/** A chain without declarations. */
export type PyChain<T = PyValue> = PyPending<T, PyDynamic> & PyDynamic;

/**
 * A chain with declarations: `Members` can be asked for before it is awaited, `Result` is what awaiting it gives.
 *
 * Without `Result` that is the live object itself.
 */
export type PyStep<Members, Result = Members & PyLive, Item = PyValue> = PyPending<
  Result,
  Members,
  Item
> &
  Members;

/** What every live object has. It is no promise: awaiting it gives itself. */
export interface PyLive<Item = PyValue> extends PyOperations<Item>, Disposable, AsyncDisposable {
  readonly then: undefined;
}

/** A live object of Python. Reading an attribute asks nothing yet; see {@link PyChain}. */
export type PyObject = PyLive & PyDynamic;

/** What a context manager gave when it was entered. Disposing of it leaves the context. */
export type PyEntered = PyOperations & AsyncDisposable & { readonly then: undefined } & PyDynamic;

/** Something in Python, there or yet to be worked out, as functions that work on such take it. */
export type PyOperand = PyOperations<unknown> &
  ({ readonly then: undefined } | PromiseLike<unknown>);

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

/** Marks what declarations say of instances of a class: the names of the class and of all its bases. Nothing is there at run time. */
export type PyClass<Names extends string> = { readonly [Name in Names]: true };

/** An instance of a class of Python, live or yet to be worked out, of that class or one derived from it. */
export interface PyInstance<Name extends string> {
  readonly "~class": PyClass<Name>;
}

/** What a declared parameter takes: a value, a chain that comes to one, or something of which nothing is known. */
export type PyArgument<T> = T | PyPending<T> | PyDynamic;

/** What is a float in Python, or does for one. */
export type PyNumber = number | bigint | Float;

/** What is bytes in Python. */
export type PyBytes = Uint8Array | ArrayBuffer | DataView | LeasedBytes;

/** What is an array of NumPy, or does for one. */
export type PyArray =
  | Tensor
  | DeviceTensor
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** What NumPy makes an array of: numbers, nested arrays of them, and everything in Python. */
export type PyArrayLike =
  | PyArray
  | PyScalar
  | PyOperand
  | PyDynamic
  | null
  | readonly PyArrayLike[];

/** Values that are no containers. */
export type PyScalar =
  | boolean
  | PyNumber
  | string
  | PyBytes
  | Date
  | LocalDate
  | LocalTime
  | LocalDateTime
  | Duration
  | Decimal
  | Uuid
  | Complex
  | Path;

/** Whatever can be given to Python as one argument: anything but keyword arguments. */
export type PyInput =
  | PyScalar
  | PyDynamic
  | null
  | undefined
  | ((...args: never) => unknown)
  | { readonly [name: string]: unknown; readonly "~keywords"?: never }
  | (object & { readonly "~keywords"?: never });

/**
 * Declarations of Python modules by name; `npx amphis types` writes them. Empty until something is added to it.
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
  ? PyStep<PythonModules[Name]>
  : PyChain<PyObject>;
