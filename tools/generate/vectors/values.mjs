/** Values of every kind, at the edges of their forms: `[name, value]`. */
export function values(protocol) {
  return [
    ...scalars(protocol),
    ...texts(),
    ...instants(protocol),
    ...kinds(protocol),
    ...containers(protocol),
  ];
}

function scalars({ Float }) {
  const ints = [
    0,
    1,
    23,
    127,
    128,
    250,
    251,
    255,
    256,
    65_535,
    65_536,
    4_294_967_295,
    4_294_967_296,
    Number.MAX_SAFE_INTEGER,
    -1,
    -32,
    -33,
    -128,
    -129,
    -32_768,
    -32_769,
    -2_147_483_648,
    -2_147_483_649,
    Number.MIN_SAFE_INTEGER,
  ];
  const bigs = [
    2n ** 53n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n,
    -(2n ** 63n),
    -(2n ** 63n) - 1n,
    2n ** 127n,
    -(2n ** 127n),
    10n ** 40n,
    -(10n ** 40n),
    2n ** 256n - 1n,
  ];
  const floats = [
    0.5,
    -0.5,
    0.1,
    1.5e300,
    5e-324,
    1e-7,
    1e21,
    1e22,
    123_456_789.125,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    1.7976931348623157e308,
    0.000001,
  ];
  return [
    ["nil", null],
    ["true", true],
    ["false", false],
    ...[...ints, ...bigs].map((int) => [`int ${int}`, int]),
    ...floats.map((float) => [`float ${Object.is(float, -0) ? "-0" : float}`, float]),
    ...[0, 1, -1, 1e15, Number.MAX_SAFE_INTEGER].map((float) => [
      `float ${float} that is integral`,
      new Float(float),
    ]),
  ];
}

function texts() {
  const ascii = (length) =>
    "abcdefghijklmnopqrstuvwxyz0123456789".repeat(Math.ceil(length / 36)).slice(0, length);
  return [
    ["string empty", ""],
    ...[1, 12, 13, 18, 19, 31, 32, 250, 251, 255, 256].map((length) => [
      `string of ${length}`,
      ascii(length),
    ]),
    [
      "string with escapes",
      'quote " slash / backslash \\ newline \n tab \t return \r feed \f back \b nul \0 unit \u001f delete \u007f',
    ],
    ["string with two-byte letters", "Gruß, Größe"],
    ["string with three-byte letters", "日本語とひらがな"],
    ["string with four-byte letters", "🐍🦀 and 𝒳"],
    ["string with separators", "line\u2028paragraph\u2029"],
    ["string with a byte-order mark", "\ufeffmark"],
    ["string with the replacement character", "\ufffd stays"],
    ["string of 11 letters and 32 bytes", "ééééééééééé éé éé"],
    ...[0, 1, 16, 255, 256].map((length) => [
      `bytes of ${length}`,
      Uint8Array.from({ length }, (_, index) => (index * 7) & 255),
    ]),
  ];
}

function instants({ Timestamp, LocalDate, LocalTime, LocalDateTime, Duration }) {
  return [
    ["timestamp of the epoch", new Date(0)],
    ["timestamp in 32 bits", new Date(1_763_692_800_000)],
    ["timestamp with milliseconds", new Date(1_763_692_800_123)],
    ["timestamp with microseconds", new Timestamp(1_763_692_800, 123_456_000)],
    ["timestamp with nanoseconds", new Timestamp(1_763_692_800, 123_456_789)],
    ["timestamp before the epoch", new Date(-1)],
    ["timestamp beyond 34 bits", new Date("2514-05-30T01:53:04Z")],
    ["timestamp of year 0", new Timestamp(-62_167_219_200, 0)],
    ["timestamp of year 1", new Date("0001-01-01T00:00:00Z")],
    ["timestamp of year 9999", new Timestamp(253_402_300_799, 999_999_999)],
    ["date", new LocalDate("2026-11-21")],
    ["date, first", new LocalDate("0001-01-01")],
    ["date, leap day", new LocalDate("2024-02-29")],
    ["time", new LocalTime("08:50:22")],
    ["time with microseconds", new LocalTime("23:59:59.999999")],
    ["datetime", new LocalDateTime("2026-11-21T08:50:22")],
    ["datetime with microseconds", new LocalDateTime("9999-12-31T23:59:59.000001")],
    ["duration of nothing", new Duration(0)],
    ["duration of 1.5 s", new Duration(1, 500_000)],
    ["duration of -0.25 s", new Duration(-1, 750_000)],
    ["duration, shortest", new Duration(-86_399_999_913_600, 0)],
    ["duration, longest", new Duration(86_399_999_999_999, 999_999)],
  ];
}

function kinds({ Decimal, Uuid, Complex, Path, Handle, Attachment, Ext }) {
  const decimals = [
    "0",
    "-0",
    "1.50",
    "-12.345",
    "1E+30",
    "1.0E-10",
    "0E-7",
    "Infinity",
    "-Infinity",
    "NaN",
    "sNaN",
    "-NaN123",
    `0.${"9".repeat(60)}`,
  ];
  return [
    ...decimals.map((text) => [`decimal ${text.slice(0, 20)}`, new Decimal(text)]),
    ["uuid", new Uuid("0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f")],
    ["uuid of zeros", new Uuid("00000000-0000-0000-0000-000000000000")],
    ["complex", new Complex(1.5, -2)],
    ["complex of specials", new Complex(Number.NaN, -0)],
    ["path", new Path("/var/lib/daten/grüße.csv")],
    ["path, relative", new Path("data/x.csv")],
    ["handle", new Handle(42, "numpy.ndarray")],
    ["handle, largest id", new Handle(Number.MAX_SAFE_INTEGER, "")],
    ["attachment", new Attachment(0, "bytes")],
    ["attachment with meta", new Attachment(65_535, "tensor", { dtype: "<f8", shape: [2, 3] })],
    ["ext of an application", new Ext(5, Uint8Array.of(1, 2, 3))],
    ["ext with a negative code", new Ext(-128, new Uint8Array(16))],
    ["ext, empty", new Ext(63, new Uint8Array())],
  ];
}

function containers({ Tuple, Uuid, Decimal, LocalDate, Float }) {
  const nest = (depth) => (depth === 0 ? "deep" : [nest(depth - 1)]);
  return [
    ["list, empty", []],
    ["list of 15", Array.from({ length: 15 }, (_, index) => index)],
    ["list of 16", Array.from({ length: 16 }, (_, index) => index)],
    ["list of 300", Array.from({ length: 300 }, (_, index) => index % 3 === 0)],
    ["list of every scalar", [null, true, 1, -1, 0.5, "text", Uint8Array.of(1)]],
    ["map, empty", {}],
    [
      "map with string keys",
      { b: 1, a: [true, null], "": "empty key", "with space": { deep: {} } },
    ],
    [
      "map of 16",
      Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key${index}`, index])),
    ],
    [
      "map with the key __proto__",
      new Map([
        ["__proto__", 1],
        ["constructor", 2],
      ]),
    ],
    ["map whose only key starts with $", { $int: "not a tag" }],
    ["map with two keys that start with $", { $schema: "x", $ref: "y" }],
    [
      "map with int keys",
      new Map([
        [1, "one"],
        [-5, "minus five"],
      ]),
    ],
    [
      "map with keys of many kinds",
      new Map([
        [null, 0],
        [true, 1],
        [2.5, 2],
        ["s", 3],
        [new Decimal("1.5"), 4],
        [new LocalDate("2026-11-21"), 5],
        [new Uuid("0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f"), 6],
      ]),
    ],
    [
      "map with tuple keys",
      new Map([
        [Tuple.of("a", 1), "x"],
        [Tuple.of("a", Tuple.of()), "y"],
      ]),
    ],
    ["set, empty", new Set()],
    ["set", new Set(["a"])],
    ["tuple, empty", Tuple.of()],
    ["tuple", Tuple.of(1, "two", Tuple.of(3))],
    ["tuple of 100", Tuple.from({ length: 100 }, (_, index) => index)],
    ["list of floats that are integral", [new Float(1), new Float(2), 2.5]],
    ["list nested 100 deep", nest(100)],
  ];
}
