import type {
  AllowOptions,
  ApprovalOptions,
  BatchingOptions,
  FilePolicyOptions,
  HookCall,
  Isolation,
  LibraryHooks,
  LibraryOptions,
  PolicyOptions,
  PureFunctionOptions,
  PythonEnvironmentOptions,
  PythonReference,
  RateLimitOptions,
  SerializerOptions,
  TraceOptions,
  TypeScriptSerializer,
  WorkerHook,
  WorkerPolicy,
} from "../library/index.ts";
import {
  choice,
  code,
  command,
  count,
  either,
  flag,
  list,
  live,
  number,
  object,
  path,
  record,
  type Shape,
  text,
} from "./shape.ts";

const packageName: Shape<string> = text(
  "the name of a package",
  /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/u,
);
const version: Shape<string> = text(
  "versions such as 2.1.3 or >=2.1,<3",
  /^(?:(?:===|~=|==|!=|<=|>=|<|>)?\s*[\w.*+!-]+\s*)(?:,\s*(?:===|~=|==|!=|<=|>=|<|>)\s*[\w.*+!-]+\s*)*$/u,
);
export const MODULE_NAME: RegExp = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
const moduleName: Shape<string> = text("the name of a module", MODULE_NAME);
const pattern: Shape<string> = text("a dotted name, in which * stands for anything", /^[^\s:]+$/u);
const functionPattern: Shape<string> = text(
  "module:function, in which * stands for anything",
  /^[^\s:]+:[^\s:]+$/u,
);
const variable: Shape<string> = text(
  "the name of an environment variable",
  /^[A-Za-z_][A-Za-z0-9_]*$/u,
);
const reference: Shape<PythonReference> = text<PythonReference>(
  "a function of Python as module:function",
  /^[\p{L}_][\p{L}\p{N}_.]*:[\p{L}_][\p{L}\p{N}_.]*$/u,
);
const interpreter: Shape<string> = command(
  "a version such as 3.12 or 3.12.4, a path, or a command",
  /^(?:3\.\d{1,3}(?:\.\d{1,3})?|[^\0]*[/\\][^\0]*|[A-Za-z][\w.+-]*)$/u,
);
export const isolation: Shape<Isolation> = choice("none", "guarded", "sandboxed");

/** Names of what users name themselves. */
export const ownName: Shape<string> = text(
  "a name of letters, digits, dots, dashes and underscores",
  /^[A-Za-z0-9][\w.-]*$/u,
);

/** As `amphis/library` takes it: environments are folders, on file systems too that do not tell capitals from small letters. */
export const environmentName: Shape<string> = text(
  "a name of small letters, digits, hyphens and underscores",
  /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/u,
);

/** Names under which libraries are configured: of packages, or of modules. */
const libraryName: Shape<string> = text(
  "the name of a library",
  /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u,
);

const pure: Shape<PureFunctionOptions> = object<PureFunctionOptions>("PureFunctionOptions", {
  ttlMs: number(0),
  maxEntries: count(0),
  maxBytes: count(0),
  folder: path(),
});

function workerHook<T>(): Shape<WorkerHook<T>> {
  return either(reference, code<Exclude<WorkerHook<T>, PythonReference>>()) as Shape<WorkerHook<T>>;
}

type Before = NonNullable<LibraryHooks["before"]>;
type After = NonNullable<LibraryHooks["after"]>;

const hooks: Shape<LibraryHooks> = object<LibraryHooks>("LibraryHooks", {
  setup: workerHook<void>(),
  teardown: workerHook<void>(),
  health: workerHook<boolean>(),
  healthEveryMs: number(1),
  before: live(either(reference, code<Exclude<Before, PythonReference>>())) as Shape<Before>,
  after: live(
    either(reference, code<(result: unknown, call: HookCall) => unknown>()),
  ) as Shape<After>,
});

const serializer: Shape<SerializerOptions> = object<SerializerOptions>(
  "SerializerOptions",
  {
    type: reference,
    toPlain: reference,
    fromPlain: reference,
    typescript: object<TypeScriptSerializer>(
      "TypeScriptSerializer",
      {
        isInstance: code<TypeScriptSerializer["isInstance"]>(),
        toPlain: code<TypeScriptSerializer["toPlain"]>(),
        fromPlain: code<TypeScriptSerializer["fromPlain"]>(),
      },
      ["isInstance", "toPlain", "fromPlain"],
    ),
  },
  ["type", "toPlain"],
);

const rateLimit: Shape<RateLimitOptions> = object<RateLimitOptions>(
  "RateLimitOptions",
  { calls: count(1), perMs: number(1) },
  ["calls"],
);

const batching: Shape<BatchingOptions> = object<BatchingOptions>("BatchingOptions", {
  function: reference,
  maxCalls: count(2),
  waitMs: number(0),
});

const trace: Shape<TraceOptions> = object<TraceOptions>("TraceOptions", {
  level: choice("debug", "info", "warning", "error"),
  functions: list(pattern),
  arguments: flag(),
  results: flag(),
  redact: list(text("a name, in which * stands for anything")),
});

const library: Shape<LibraryOptions> = object<LibraryOptions>("LibraryOptions", {
  package: packageName,
  version,
  extras: list(packageName),
  module: moduleName,
  alias: moduleName,
  include: live(list(pattern)),
  exclude: live(list(pattern)),
  preload: flag(),
  pool: ownName,
  timeoutMs: live(number(0)),
  isolation,
  pure: live(record(pattern, either(flag(), pure))),
  hooks,
  serializers: record(ownName, serializer),
  concurrency: live(count(1)),
  rateLimit: live(rateLimit),
  batching: live(record(pattern, batching)),
  trace: live(either(flag(), trace)),
});

export const libraries: Shape<Readonly<Record<string, LibraryOptions>>> = record(
  libraryName,
  library,
);

const environment: Shape<PythonEnvironmentOptions> = object<PythonEnvironmentOptions>(
  "PythonEnvironmentOptions",
  {
    python: interpreter,
    dependencies: list(text("a requirement such as requests>=2.31")),
    prefix: path(),
    indexes: list(variable),
    folders: list(path()),
    useIndexes: flag(),
    builds: flag(),
    tool: choice("uv", "pip"),
    pythonDownloads: flag(),
    frozen: flag(),
    hardware: choice("note", "require", "ignore"),
  },
);

export const environments: Shape<Readonly<Record<string, PythonEnvironmentOptions>>> = record(
  environmentName,
  environment,
);

function allow(names: Shape<string>): Shape<AllowOptions> {
  return object<AllowOptions>("AllowOptions", { allow: list(names), deny: list(names) });
}

const rules = {
  libraries: allow(pattern),
  functions: allow(functionPattern),
  files: object<FilePolicyOptions>("FilePolicyOptions", {
    read: list(path()),
    write: list(path()),
  }),
  network: either(
    flag(),
    list(text("a host such as *.example.com:443", /^(?:unix:\/.+|[\w.*:/[\]-]+)$/u)),
  ),
  processes: flag(),
  ctypes: flag(),
  code: flag(),
  pickle: flag(),
  introspection: flag(),
};

export const policy: Shape<WorkerPolicy> = object<WorkerPolicy>("WorkerPolicy", rules);

export const policies: Shape<PolicyOptions> = object<PolicyOptions>("PolicyOptions", {
  ...rules,
  isolation,
  approval: object<ApprovalOptions>("ApprovalOptions", {
    required: live(choice("none", "dangerous", "all")),
    file: path(),
  }),
});
