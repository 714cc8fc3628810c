import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { getTextEncoding } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";

import { decodeProto, valueFromProto, ValueSchema, valueToProto } from "../index.ts";

test("a byte-order mark at the start of a text is kept", () => {
  for (const text of ["\ufeffa", "\ufeff".repeat(100_000), "a\ufeff", "\ufeff"]) {
    const bytes = toBinary(ValueSchema, valueToProto(text));
    expect(valueFromProto(decodeProto(ValueSchema, bytes))).toBe(text);
  }
});

test("the text decoder of the process is as before, after success and after failure", () => {
  const before = getTextEncoding();
  decodeProto(ValueSchema, new Uint8Array(0));
  expect(getTextEncoding()).toBe(before);
  expect(() => decodeProto(ValueSchema, Uint8Array.of(0x32, 1, 0xff))).toThrow(
    expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
  );
  expect(getTextEncoding()).toBe(before);
});

test("the library itself still drops the mark; when it no longer does, decodeProto need not change its decoder", () => {
  const bytes = toBinary(ValueSchema, valueToProto("\ufeffa"));
  expect(valueFromProto(fromBinary(ValueSchema, bytes))).toBe("a");
});
