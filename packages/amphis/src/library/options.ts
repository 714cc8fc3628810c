import type { LogLevel } from "../telemetry/index.ts";
import type { Isolation } from "../worker/index.ts";

/** Something in a Python module by its name: `my_hooks:warm_up`. */
export type PythonReference = `${string}:${string}`;

/** How one Python library is installed, loaded and called. */
export interface LibraryOptions {
  /** Name on the package index. @default the name under which the library is configured */
  readonly package?: string | undefined;
  /** Versions that will do, as Python's packaging writes them: `2.1.3`, `>=2.1,<3`. @default any */
  readonly version?: string | undefined;
  /** Optional parts of the package that are installed too. @default [] */
  readonly extras?: readonly string[] | undefined;
  /** Module that is imported. @default the name under which the library is configured */
  readonly module?: string | undefined;
  /** A shorter name for `py.import`. @default none */
  readonly alias?: string | undefined;
  /** Members that can be used, by dotted name; `*` stands for any part of one. @default all public ones */
  readonly include?: readonly string[] | undefined;
  /** Members that cannot, whatever `include` says. @default [] */
  readonly exclude?: readonly string[] | undefined;
  /** Whether workers have it loaded when they are ready. @default false: loaded when it is first used */
  readonly preload?: boolean | undefined;
  /** Pool whose workers load it, and do what `py.import` of it begins. @default "default" */
  readonly pool?: string | undefined;
  /** Longest time of a call that says nothing itself, waiting included. @default Infinity */
  readonly timeoutMs?: number | undefined;
  /** @default what `policies.isolation` says, else "none" */
  readonly isolation?: Isolation | undefined;
  /**
   * Functions whose result depends on nothing but their arguments, and is kept: by dotted name, `*` stands for any part of one. False takes
   * back what a pattern before it said. @default {}
   */
  readonly pure?: Readonly<Record<string, boolean | PureFunctionOptions>> | undefined;
  /** What is run around its calls. @default {} */
  readonly hooks?: LibraryHooks | undefined;
  /** Conversions of its own types, by a name that is sent with each value. @default {} */
  readonly serializers?: Readonly<Record<string, SerializerOptions>> | undefined;
  /** Calls at a time, over all workers; others wait. @default as many as the pool can do */
  readonly concurrency?: number | undefined;
  /** @default none */
  readonly rateLimit?: RateLimitOptions | undefined;
  /** Functions whose calls are put together, by dotted name. @default {} */
  readonly batching?: Readonly<Record<string, BatchingOptions>> | undefined;
  /** Tells of each call. True stands for the defaults. @default false */
  readonly trace?: boolean | TraceOptions | undefined;
}

/** How long results of a pure function are kept. */
export interface PureFunctionOptions {
  /** @default Infinity */
  readonly ttlMs?: number | undefined;
  /** Results at a time; then the one that was not asked for longest goes. @default 1_000 */
  readonly maxEntries?: number | undefined;
  /** What these results may take, roughly. @default 67_108_864 */
  readonly maxBytes?: number | undefined;
  /** A folder where results are kept too, for programs that come later. @default none */
  readonly folder?: string | undefined;
}

/** What a hook is told about. */
export interface HookContext {
  /** Name under which the library is configured. */
  readonly library: string;
  readonly pool: string;
  /** Calls a function on the worker in question, `module:function`. */
  call(name: PythonReference, args?: readonly unknown[]): Promise<unknown>;
}

/** A call as hooks see it. */
export interface HookCall {
  readonly library: string;
  /** Dotted name within the library: `linalg.norm`. */
  readonly function: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** A hook that is run for a worker: a function of Python without arguments, or one of TypeScript. */
export type WorkerHook<T> = PythonReference | ((context: HookContext) => T | Promise<T>);

/**
 * What is run around the calls of a library: functions in TypeScript, or in Python by name.
 *
 * In the order of a call: `before` in TypeScript, results that are kept, waiting for its turn, `before` in Python, the function, `after` in
 * Python, and `after` in TypeScript. `before` and `after` are for calls of functions by name, also as chains; not for methods of objects.
 */
export interface LibraryHooks {
  /**
   * In Python: on each worker, when it has loaded the library; if it fails, the worker is not used. In TypeScript: once, before the first
   * call. @default none
   */
  readonly setup?: WorkerHook<void> | undefined;
  /** In Python: when a worker that loaded the library ends in good order. In TypeScript: when Python is closed. @default none */
  readonly teardown?: WorkerHook<void> | undefined;
  /**
   * Whether the library still works. In Python: asked of each worker that loaded it and has nothing to do; false, or an error, replaces the
   * worker. In TypeScript: asked once for all, and replaces them all. @default none
   */
  readonly health?: WorkerHook<boolean> | undefined;
  /** How often `health` is asked. @default 30_000 */
  readonly healthEveryMs?: number | undefined;
  /**
   * Before a call. A call that it gives is made instead. In Python: `before(function, args, kwargs)`, which gives None or `(args, kwargs)`.
   * @default none
   */
  readonly before?:
    | PythonReference
    | ((call: HookCall) => HookCall | undefined | Promise<HookCall | undefined>)
    | undefined;
  /** After a call. What it gives is the result. In Python: `after(result, function)`. @default none */
  readonly after?: PythonReference | ((result: unknown, call: HookCall) => unknown) | undefined;
}

/** How a type of Python travels that has no form of its own. */
export interface SerializerOptions {
  /** The type: `shapely.geometry:Point`. Those derived from it are converted too. */
  readonly type: PythonReference;
  /** Makes plain values of an object: `my_types:point_to_plain`. */
  readonly toPlain: PythonReference;
  /** Makes an object of plain values. @default none: it only travels to TypeScript */
  readonly fromPlain?: PythonReference | undefined;
  /** The other end. @default plain values are what TypeScript sees */
  readonly typescript?: TypeScriptSerializer | undefined;
}

/** What becomes of the plain values of a type in TypeScript. */
export interface TypeScriptSerializer {
  readonly isInstance: (value: object) => boolean;
  readonly toPlain: (value: object) => unknown;
  readonly fromPlain: (plain: unknown) => unknown;
}

/** How often calls are made; others wait. */
export interface RateLimitOptions {
  /** Calls in each span of time. */
  readonly calls: number;
  /** @default 1_000 */
  readonly perMs?: number | undefined;
}

/** How small calls are put together into one. */
export interface BatchingOptions {
  /**
   * Takes a list of argument tuples, and gives a list of results: `my_module:norm_many`. Calls with keyword arguments are made alone then.
   * @default the function, called for each
   */
  readonly function?: PythonReference | undefined;
  /** @default 64 */
  readonly maxCalls?: number | undefined;
  /** Longest wait for more calls. 0 = those of this turn of the event loop. @default 0 */
  readonly waitMs?: number | undefined;
}

/** What is told of each call. */
export interface TraceOptions {
  /** @default "debug" */
  readonly level?: LogLevel | undefined;
  /** Functions, by dotted name; `*` stands for any part of one. @default ["*"] */
  readonly functions?: readonly string[] | undefined;
  /** @default true */
  readonly arguments?: boolean | undefined;
  /** @default true */
  readonly results?: boolean | undefined;
  /** Names of arguments and fields whose values are not told; `*` stands for any part of one. @default ["*password*", "*secret*", "*token*", "*key*"] */
  readonly redact?: readonly string[] | undefined;
}
