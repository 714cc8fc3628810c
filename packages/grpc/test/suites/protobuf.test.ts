import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";
import { createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { beforeAll, describe, expect, test } from "vitest";

import { decodeProto } from "../../src/index.ts";

interface Suite {
  readonly encode: readonly { readonly text: string; readonly hex: string }[];
  readonly decode: readonly { readonly why: string; readonly hex: string; readonly ok: boolean }[];
}

const root = new URL("../../../../", import.meta.url);
const folder = join(
  process.env["AMPHIS_SUITES"] ?? fileURLToPath(new URL("../shared/suites", root)),
  "protobuf",
);
const MESSAGE = "protobuf_test_messages.proto3.TestAllTypesProto3";

const isAbsent = !existsSync(folder);
if (isAbsent) {
  test("protobuf suite", ({ skip }) =>
    skip("its folder is absent; set AMPHIS_SUITES to where the suites are"));
}

if (!isAbsent) {
  describe("@amphis/grpc agrees with protoc on", () => {
    let suite: Suite;
    let schema: DescMessage;

    beforeAll(() => {
      suite = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8")) as Suite;
      schema = buildSchema();
    });

    test("the bytes of 172 messages, the order of maps aside", () => {
      expect(suite.encode).toHaveLength(172);
      const different = suite.encode.filter(({ hex }) => {
        const bytes = Buffer.from(hex, "hex");
        return records(toBinary(schema, decodeProto(schema, bytes))) !== records(bytes);
      });
      expect(different).toEqual([]);
    });

    test("accepting or refusing 442 inputs, except as listed", () => {
      expect(suite.decode).toHaveLength(442);
      const refusal = (hex: string): string | undefined =>
        refusalOf(schema, Buffer.from(hex, "hex"));
      const laxer = suite.decode.filter(({ hex, ok }) => !ok && refusal(hex) === undefined);
      expect(laxer).toEqual([]);
      const stricter = suite.decode
        .filter(({ ok }) => ok)
        .map(({ hex }) => refusal(hex))
        .filter((reason) => reason !== undefined);
      const found = DEVIATIONS.map(
        ({ reason }) => stricter.filter((text) => reason.test(text)).length,
      );
      expect(found).toEqual(DEVIATIONS.map(({ inputs }) => inputs));
      expect(stricter).toHaveLength(found.reduce((sum, count) => sum + count, 0));
    });
  });
}

/** What protoc accepts and `decodeProto` does not. Nothing that protoc refuses is accepted. */
const DEVIATIONS: readonly { readonly reason: RegExp; readonly inputs: number }[] = [
  // protoc keeps a known field of another wire type as an unknown one. protobuf-es reads it as the schema says, into another value. Refusing it is the
  // only answer on which all readers that answer agree.
  { reason: /has wire type/, inputs: 6 },
  // Field numbers end at 2^29-1; protoc tolerates a tag of five bytes whose upper bits are lost.
  { reason: /varint overflows uint32/, inputs: 1 },
  // Both stop at 100 messages inside each other; protoc does not count the outermost.
  { reason: /more than 100 messages/, inputs: 1 },
];

function buildSchema(): DescMessage {
  const scratch = mkdtempSync(join(tmpdir(), "amphis-protobuf-"));
  try {
    const image = join(scratch, "image.binpb");
    const buf = fileURLToPath(new URL("node_modules/@bufbuild/buf/bin/buf", root));
    execFileSync(process.execPath, [buf, "build", folder, "--as-file-descriptor-set", "-o", image]);
    const found = createFileRegistry(
      fromBinary(FileDescriptorSetSchema, readFileSync(image)),
    ).getMessage(MESSAGE);
    if (found === undefined) {
      throw new Error(`Cannot build ${MESSAGE}: ${folder} does not define it`);
    }
    return found;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Why the bytes are refused; undefined when they are accepted. */
function refusalOf(schema: DescMessage, bytes: Uint8Array): string | undefined {
  try {
    decodeProto(schema, bytes);
    return undefined;
  } catch (error) {
    if (isAmphisError(error, "DECODE_FAILED")) return error.reason;
    throw error;
  }
}

/** The top-level records of a message in hexadecimal, sorted, so that the order of maps does not count. */
function records(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  const found: string[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    reader.skip(wireType, wireType === WireType.StartGroup ? field : undefined);
    found.push(Buffer.from(bytes.subarray(start, reader.pos)).toString("hex"));
  }
  return found.sort().join(" ");
}
