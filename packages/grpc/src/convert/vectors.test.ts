import { readFileSync } from "node:fs";

import { msgpack } from "@amphis/protocol";
import { toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";

import { decodeProto, valueFromProto, ValueSchema, valueToProto } from "../index.ts";

interface Row {
  readonly name: string;
  readonly msgpack: string;
  readonly protobuf: string;
}

const rows = JSON.parse(
  readFileSync(new URL("../../../../spec/vectors/protobuf.json", import.meta.url), "utf8"),
) as Row[];
const codec = msgpack({ exactFloats: true, maps: "map" });

describe("golden values are the same in Protocol Buffers and in MessagePack", () => {
  test.each(rows)("$name", (row) => {
    const message = decodeProto(ValueSchema, Buffer.from(row.protobuf, "hex"));
    const value = valueFromProto(message, { exactFloats: true, maps: "map" });
    expect(Buffer.from(codec.encode(value)).toString("hex")).toBe(row.msgpack);
    expect(Buffer.from(toBinary(ValueSchema, valueToProto(value))).toString("hex")).toBe(
      row.protobuf,
    );
  });
});
