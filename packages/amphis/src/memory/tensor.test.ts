import { describe, expect, test } from "vitest";

import { Complex } from "@amphis/protocol";

import { Arena } from "./arena.ts";
import { DTYPES, type Dtype, dtypeInfo, type Element, parseDtype } from "./dtype.ts";
import { empty, fromBytes, fromNested, tensor, zeros } from "./make-tensor.ts";
import { Tensor } from "./tensor.ts";
import { decodeTensor } from "./tensor-meta.ts";

const code = (name: string): unknown => expect.objectContaining({ code: name });

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Two elements of each type and their bytes, as NumPy writes them. */
const LITERALS: readonly (readonly [Dtype, readonly Element[], string])[] = [
  ["bool", [true, false], "0100"],
  ["int8", [-128, 127], "807f"],
  ["uint8", [0, 255], "00ff"],
  ["int16", [-32_768, 258], "00800201"],
  ["uint16", [65_535, 258], "ffff0201"],
  ["int32", [-2, 16_909_060], "feffffff04030201"],
  ["uint32", [4_294_967_295, 1], "ffffffff01000000"],
  ["int64", [-(2n ** 63n), 1n], "00000000000000800100000000000000"],
  ["uint64", [2n ** 64n - 1n, 2n], "ffffffffffffffff0200000000000000"],
  ["float16", [1, -0.5], "003c00b8"],
  ["bfloat16", [1, -0.5], "803f00bf"],
  ["float32", [1, -0.5], "0000803f000000bf"],
  ["float64", [1, -0.5], "000000000000f03f000000000000e0bf"],
  ["complex64", [new Complex(1, -0.5), new Complex(0, 1)], "0000803f000000bf000000000000803f"],
  [
    "complex128",
    [new Complex(1, -0.5), new Complex(0, 1)],
    "000000000000f03f000000000000e0bf0000000000000000000000000000f03f",
  ],
];

test("every type has a literal", () => {
  expect(LITERALS.map(([dtype]) => dtype)).toEqual([...DTYPES]);
});

describe.each(LITERALS)("%s", (dtype, elements, bytes) => {
  test("elements are written and read as literal bytes", () => {
    const made = tensor(elements, { dtype });
    expect(hex(made.memory.bytes)).toBe(bytes);
    expect(made.toNested()).toEqual(elements);
    const read = fromBytes({ bytes: Buffer.from(bytes, "hex") }, { dtype, shape: [2] });
    expect(read.toNested()).toEqual(elements);
  });

  test("the array of the platform shows the bytes in place", () => {
    const made = tensor(elements, { dtype });
    const view = made.view();
    expect(view.length).toBe(2 * dtypeInfo(dtype).viewLength);
    expect(hex(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))).toBe(bytes);
    const again = tensor(view, { dtype });
    expect(hex(again.memory.bytes)).toBe(bytes);
  });
});

test.each([
  ["int8", 128],
  ["uint8", -1],
  ["int32", 1.5],
  ["uint64", -1n],
  ["int64", 2 ** 53],
  ["int64", 2n ** 63n],
] as const)("%s refuses %s", (dtype, value) => {
  expect(() => tensor([value], { dtype })).toThrow(RangeError);
});

describe("shape and strides", () => {
  const rows = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test("rows lie one after another, and columns in Fortran order", () => {
    expect(rows).toMatchObject({ shape: [2, 3], strides: [24, 8], size: 6, isContiguous: true });
    const columns = tensor(rows.toNested(), { order: "F", dtype: "int8" });
    expect(columns).toMatchObject({ strides: [1, 2], isContiguous: false });
    expect(columns.isFortranContiguous).toBe(true);
    expect([...columns.memory.bytes]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(columns.toNested()).toEqual(rows.toNested());
  });

  test("a transposed tensor shows the same memory", () => {
    const turned = rows.transpose();
    expect(turned.toNested()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(turned.at(2, 1)).toBe(6);
    expect(turned.isFortranContiguous).toBe(true);
    expect(() => turned.view()).toThrow(code("TENSOR_INVALID"));
    expect([...turned.copy().view()]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(() => rows.transpose([0, 0])).toThrow(code("TENSOR_INVALID"));
  });

  test("negative strides, strides of 0 and offsets are read", () => {
    const memory = { bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const backwards = { dtype: "uint8", shape: [3], strides: [-2], byteOffset: 5 } as const;
    expect(new Tensor(memory, backwards).toNested()).toEqual([6, 4, 2]);
    const repeated = { dtype: "uint8", shape: [2, 2], strides: [0, 1], byteOffset: 1 } as const;
    expect(new Tensor(memory, repeated).toNested()).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  test("no dimension is one element, and an empty dimension is none", () => {
    expect(tensor(7).toNested()).toBe(7);
    expect(tensor(7).shape).toEqual([]);
    expect(zeros([2, 0, 3]).toNested()).toEqual([[], []]);
    expect([...zeros([0]).elements()]).toEqual([]);
  });

  test.each([
    ["an element beyond the end", { shape: [3], strides: [8], byteOffset: 0 }],
    ["an element before the start", { shape: [2], strides: [-8], byteOffset: 0 }],
    ["an offset beyond the end", { shape: [0], strides: [8], byteOffset: 17 }],
    ["too few strides", { shape: [1, 1], strides: [8], byteOffset: 0 }],
    ["a negative dimension", { shape: [-1], strides: [8], byteOffset: 0 }],
    ["a dimension that is no integer", { shape: [0.5], strides: [8], byteOffset: 0 }],
    ["a product beyond 2^53", { shape: [2 ** 30, 2 ** 30], strides: [0, 0], byteOffset: 0 }],
    ["one hidden by a 0", { shape: [0, 2 ** 30, 2 ** 30], strides: [0, 0, 0], byteOffset: 0 }],
    ["a product that wraps to 0", { shape: [2 ** 32, 2 ** 32], strides: [8, 8], byteOffset: 0 }],
    ["a stride beyond 2^53", { shape: [2], strides: [2 ** 53], byteOffset: 0 }],
    [
      "strides that cancel out when rounded",
      { shape: [2, 2], strides: [2 ** 53 - 1, 1 - 2 ** 53], byteOffset: 0 },
    ],
    ["65 dimensions", { shape: Array(65).fill(1), strides: Array(65).fill(8), byteOffset: 0 }],
  ])("%s is refused before a view is made", (_name, layout) => {
    const memory = { bytes: new Uint8Array(16) };
    expect(() => new Tensor(memory, { dtype: "float64", ...layout })).toThrow(
      code("TENSOR_INVALID"),
    );
  });

  test.each([[[[1, 2], [3]]], [[[1], 2]], [[1, [2]]]])("uneven lists are refused: %j", (lists) => {
    expect(() => fromNested(lists)).toThrow(code("TENSOR_INVALID"));
  });

  test("an index that is not there is refused", () => {
    expect(() => rows.at(2, 0)).toThrow(RangeError);
    expect(() => rows.at(0)).toThrow(RangeError);
    expect(() => rows.at(0, -1)).toThrow(RangeError);
  });

  test("elements that are not aligned are read, and have no platform array", () => {
    const memory = { bytes: new Uint8Array(17) };
    const odd = fromBytes(memory, { dtype: "float64", shape: [2], byteOffset: 1 });
    odd.set([1], 0.5);
    expect(odd.toNested()).toEqual([0, 0.5]);
    expect(() => odd.view()).toThrow(code("TENSOR_INVALID"));
  });
});

describe("memory", () => {
  test("a tensor of an arena ends with its lease", () => {
    const arena = new Arena();
    const lent = zeros([2, 2], { arena, dtype: "float32", holder: 5 });
    const figures = arena.stats().holders;
    expect(figures).toMatchObject([{ holder: 5, leases: 1 }]);
    lent.set([1, 1], 3);
    expect([...lent.view()]).toEqual([0, 0, 0, 3]);
    arena.releaseAll(5);
    expect(() => lent.at(0, 0)).toThrow(code("LEASE_RELEASED"));
    expect(() => lent.view()).toThrow(code("LEASE_RELEASED"));
    expect(() => lent.toNested()).toThrow(code("LEASE_RELEASED"));
  });

  test("memory of used spans is zeroed for zeros", () => {
    const arena = new Arena();
    const used = arena.allocate(64);
    used.bytes.fill(255);
    used.release();
    expect(zeros([8], { arena }).toNested()).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("a tensor that cannot be filled leaves nothing lent", () => {
    const arena = new Arena();
    expect(() => tensor([300], { dtype: "uint8", arena })).toThrow(RangeError);
    expect(arena.stats().leases).toBe(0);
  });

  test("a read-only tensor is read and not written", () => {
    const fixed = tensor([1, 2]).asReadOnly();
    expect(fixed.readView()[1]).toBe(2);
    expect(() => fixed.view()).toThrow(code("TENSOR_READ_ONLY"));
    expect(() => fixed.set([0], 1)).toThrow(code("TENSOR_READ_ONLY"));
    expect(fixed.transpose().isReadOnly).toBe(true);
  });

  test("a tensor that is read-only says so to whoever gets it", () => {
    const fixed = tensor([1, 2]).asReadOnly();
    expect(fixed.descriptor.readOnly).toBe(true);
    expect(decodeTensor(fixed.descriptor).isReadOnly).toBe(true);
    const { descriptor } = tensor([1, 2]);
    expect("readOnly" in descriptor).toBe(false);
    expect(decodeTensor(descriptor).isReadOnly).toBe(false);
    expect(decodeTensor({ ...descriptor, readOnly: null }).isReadOnly).toBe(false);
    expect(() => decodeTensor({ ...descriptor, readOnly: 1 })).toThrow(code("BODY_INVALID"));
  });

  test("a tensor with more bytes than can be counted is refused", () => {
    expect(() => empty([2 ** 52])).toThrow(code("TENSOR_INVALID"));
  });
});

describe("types by name", () => {
  test.each([
    ["<f4", "float32", "little"],
    [">i8", "int64", "big"],
    ["|b1", "bool", "little"],
    [">u1", "uint8", "little"],
    ["bfloat16", "bfloat16", "little"],
    ["c16", "complex128", "little"],
  ])("%s is %s, %s-endian", (name, dtype, byteOrder) => {
    expect(parseDtype(name)).toEqual({ dtype, byteOrder });
  });

  test.each(["object", "O", "<U8", "", "float128", "constructor", "=f4", "<"])(
    "%j is refused",
    (name) => {
      expect(() => parseDtype(name)).toThrow(code("DTYPE_UNSUPPORTED"));
    },
  );

  test("big-endian elements are refused by name, or converted to a copy on request", () => {
    const memory = { bytes: Uint8Array.of(0, 0, 1, 2, 0xff, 0xff, 0xff, 0xfe) };
    expect(() => fromBytes(memory, { dtype: ">i4", shape: [2] })).toThrow(/>i4.*big-endian/);
    const converted = fromBytes(memory, { dtype: ">i4", shape: [2], bigEndian: "convert" });
    expect(converted.toNested()).toEqual([258, -2]);
    expect(memory.bytes[7]).toBe(0xfe);
    const pair = { bytes: Uint8Array.of(0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0) };
    expect(fromBytes(pair, { dtype: ">c8", shape: [1], bigEndian: "convert" }).toNested()).toEqual([
      new Complex(1, -0.5),
    ]);
  });
});
