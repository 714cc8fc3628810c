/** What TypeScript has for a class of Python: as an argument, and as what awaiting a result gives. */
export interface KnownType {
  readonly input: string;
  readonly output: string;
}

const same = (text: string): KnownType => ({ input: text, output: text });

const FLOAT: KnownType = { input: "PyNumber", output: "number" };
const INTEGER: KnownType = { input: "number | bigint", output: "number" };
const ARRAY: KnownType = { input: "PyArray", output: "Tensor" };
const BYTES: KnownType = { input: "PyBytes", output: "Uint8Array" };
const PATH: KnownType = { input: "Path", output: "Path" };
const ANY: KnownType = { input: "PyInput", output: "PyAny" };
const NOTHING: KnownType = { input: "never", output: "never" };
const NULL: KnownType = same("null");
const TABLE: KnownType = same("ArrowTable");
const OPERAND: KnownType = { input: "PyOperand", output: "PyAny" };

/** Classes whose objects travel as values, and names that stand for any. The order is that of the guide to data. */
const KNOWN: Readonly<Record<string, KnownType>> = {
  None: NULL,
  "types.NoneType": NULL,
  "typing.Any": ANY,
  "builtins.object": ANY,
  "typing.Never": NOTHING,
  "typing.NoReturn": NOTHING,
  "builtins.bool": same("boolean"),
  "builtins.str": same("string"),
  "typing.LiteralString": same("string"),
  "builtins.int": INTEGER,
  "typing.SupportsIndex": INTEGER,
  "builtins.float": FLOAT,
  "typing.SupportsFloat": FLOAT,
  "typing.SupportsInt": FLOAT,
  "typing.SupportsAbs": FLOAT,
  "typing.SupportsRound": FLOAT,
  "numbers.Number": { input: "PyNumber | Complex", output: "number" },
  "numbers.Complex": { input: "PyNumber | Complex", output: "number" },
  "numbers.Real": FLOAT,
  "numbers.Integral": INTEGER,
  "builtins.complex": { input: "PyNumber | Complex", output: "Complex" },
  "typing.SupportsComplex": { input: "PyNumber | Complex", output: "Complex" },
  "builtins.bytes": BYTES,
  "builtins.bytearray": BYTES,
  "builtins.memoryview": BYTES,
  "collections.abc.Buffer": { input: "PyBytes | PyArray", output: "Uint8Array" },
  "typing.SupportsBytes": BYTES,
  "collections.abc.Hashable": { input: "PyScalar | null | readonly unknown[]", output: "PyAny" },
  "builtins.type": { input: "PyOperand", output: "PyObject" },
  "types.ModuleType": { input: "PyOperand", output: "PyObject" },
  "types.EllipsisType": { input: "PyOperand", output: "PyObject" },
  "typing.TypeIs": same("boolean"),
  "typing.TypeGuard": same("boolean"),
  "datetime.datetime": {
    input: "Date | LocalDateTime",
    output: "Date | LocalDateTime",
  },
  "datetime.date": { input: "LocalDate | Date | LocalDateTime", output: "LocalDate" },
  "datetime.time": same("LocalTime"),
  "datetime.timedelta": same("Duration"),
  "decimal.Decimal": same("Decimal"),
  "uuid.UUID": same("Uuid"),
  "pathlib.Path": PATH,
  "pathlib.PurePath": PATH,
  "pathlib.PosixPath": PATH,
  "pathlib.PurePosixPath": PATH,
  "pathlib.WindowsPath": PATH,
  "pathlib.PureWindowsPath": PATH,
  "os.PathLike": PATH,
  "array.array": { input: "PyArray", output: "Tensor" },
  "numpy.ndarray": ARRAY,
  "numpy.matrix": ARRAY,
  "numpy.bool": same("boolean"),
  "numpy.bool_": same("boolean"),
  "numpy.str_": same("string"),
  "numpy.bytes_": BYTES,
  "numpy.generic": { input: "PyScalar", output: "PyAny" },
  "numpy.number": { input: "PyNumber | Complex", output: "number" },
  "numpy.datetime64": {
    input: "Date | LocalDateTime | LocalDate",
    output: "Date | LocalDateTime | LocalDate",
  },
  "numpy.timedelta64": same("Duration"),
  "numpy.complexfloating": { input: "PyNumber | Complex", output: "Complex" },
  "numpy.complex64": { input: "PyNumber | Complex", output: "Complex" },
  "numpy.complex128": { input: "PyNumber | Complex", output: "Complex" },
  "pyarrow.Table": TABLE,
  "pyarrow.lib.Table": TABLE,
  "pyarrow.RecordBatch": TABLE,
  "pyarrow.lib.RecordBatch": TABLE,
  "typing.IO": OPERAND,
  "typing.TextIO": OPERAND,
  "typing.BinaryIO": OPERAND,
};

const NUMPY_INTEGER =
  /^numpy\.(?:u?int\w*|u?byte|u?short|u?long(?:long)?|(?:un)?signedinteger|integer)$/u;
const NUMPY_FLOAT = /^numpy\.(?:float16|float32|float64|floating|inexact|half|single|double)$/u;
const ARRAY_LIKE =
  /^numpy\._typing\.(?:_array_like|_nested_sequence)\.|^numpy\.(?:typing|_typing)\.ArrayLike$/u;

/** What is known of a class by its path; nothing for most. */
export function knownType(path: string): KnownType | undefined {
  if (Object.hasOwn(KNOWN, path)) return KNOWN[path];
  if (!path.startsWith("numpy.")) return undefined;
  if (ARRAY_LIKE.test(path)) return { input: "PyArrayLike", output: "PyAny" };
  if (NUMPY_INTEGER.test(path)) return INTEGER;
  return NUMPY_FLOAT.test(path) ? FLOAT : undefined;
}

/** What a container of Python is like. */
export type Container = "list" | "iterable" | "iterator" | "set" | "map" | "tuple" | "awaitable";

const CONTAINERS: Readonly<Record<string, Container>> = {
  "builtins.list": "list",
  "collections.deque": "list",
  "builtins.range": "list",
  "collections.abc.Sequence": "list",
  "collections.abc.MutableSequence": "list",
  "builtins.tuple": "tuple",
  "builtins.set": "set",
  "builtins.frozenset": "set",
  "collections.abc.Set": "set",
  "collections.abc.MutableSet": "set",
  "collections.abc.Iterable": "iterable",
  "collections.abc.Collection": "iterable",
  "collections.abc.Container": "iterable",
  "collections.abc.Reversible": "iterable",
  "collections.abc.Sized": "iterable",
  "collections.abc.Iterator": "iterator",
  "collections.abc.Generator": "iterator",
  "collections.abc.AsyncIterator": "iterator",
  "collections.abc.AsyncIterable": "iterator",
  "collections.abc.AsyncGenerator": "iterator",
  "builtins.dict": "map",
  "collections.OrderedDict": "map",
  "collections.defaultdict": "map",
  "collections.abc.Mapping": "map",
  "collections.abc.MutableMapping": "map",
  "collections.abc.Coroutine": "awaitable",
  "collections.abc.Awaitable": "awaitable",
};

export function containerOf(path: string): Container | undefined {
  return Object.hasOwn(CONTAINERS, path) ? CONTAINERS[path] : undefined;
}

/** Types that a file may import from `amphis`. */
export const IMPORTABLE: readonly string[] = [
  "ArrowTable",
  "Complex",
  "Decimal",
  "Duration",
  "Keywords",
  "LocalDate",
  "LocalDateTime",
  "LocalTime",
  "Path",
  "PyAny",
  "PyArgument",
  "PyArray",
  "PyArrayLike",
  "PyBytes",
  "PyChain",
  "PyClass",
  "PyInput",
  "PyInstance",
  "PyLive",
  "PyNumber",
  "PyObject",
  "PyOperand",
  "PyPending",
  "PyScalar",
  "PyStep",
  "Tensor",
  "Uuid",
];
