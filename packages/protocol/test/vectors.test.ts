import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { codec, type CodecName } from "../src/codec/index.ts";
import {
  encodeFrame,
  type FrameAttachment,
  FrameDecoder,
  type FrameInit,
} from "../src/frame/index.ts";
import { isAmphisError } from "../src/error/index.ts";
import { messageCodec } from "../src/message/index.ts";
import { comparable } from "./comparable.ts";

interface EncodedRow {
  readonly name: string;
  readonly json: string;
  readonly msgpack: string;
  readonly compact: string;
}

interface MalformedRow {
  readonly name: string;
  readonly codec: CodecName;
  readonly hex?: string;
  readonly text?: string;
  readonly code: string;
}

interface FrameRow extends Omit<FrameInit, "body" | "attachments"> {
  readonly name: string;
  readonly body: string;
  readonly attachments: readonly {
    readonly kind: FrameAttachment["kind"];
    readonly data: string;
  }[];
  readonly hex: string;
}

interface MalformedFrameRow {
  readonly name: string;
  readonly hex: string;
  readonly code: string;
  readonly end?: boolean;
}

function vectors<T>(name: string): readonly T[] {
  return JSON.parse(
    readFileSync(new URL(`../../../spec/vectors/${name}.json`, import.meta.url), "utf8"),
  ) as readonly T[];
}

const NAMES: readonly CodecName[] = ["msgpack", "compact", "json"];

function bytesOf(row: EncodedRow, name: CodecName): Buffer {
  return name === "json" ? Buffer.from(row.json) : Buffer.from(row[name], "hex");
}

/** Bytes as the vectors write them, so that a difference can be read. */
function written(bytes: Uint8Array, name: CodecName): string {
  return Buffer.from(bytes).toString(name === "json" ? "utf8" : "hex");
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (isAmphisError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe("values.json", () => {
  const rows = vectors<EncodedRow>("values");
  const options = { exactFloats: true, maps: "map" } as const;

  test.each(NAMES)("%s decodes every value and encodes it to the same bytes", (name) => {
    const exact = codec(name, options);
    for (const row of rows) {
      expect(written(exact.encode(exact.decode(bytesOf(row, name))), name), row.name).toBe(
        row[name],
      );
    }
  });

  test("each row is one value in three codecs", () => {
    const [one, two, three] = NAMES.map((name) => codec(name, options));
    for (const row of rows) {
      const value = comparable(one?.decode(bytesOf(row, "msgpack")));
      expect(comparable(two?.decode(bytesOf(row, "compact"))), row.name).toEqual(value);
      expect(comparable(three?.decode(bytesOf(row, "json"))), row.name).toEqual(value);
    }
  });
});

test.each(vectors<MalformedRow>("malformed"))("malformed.json: $codec refuses $name", (row) => {
  const bytes = row.text === undefined ? Buffer.from(row.hex ?? "", "hex") : Buffer.from(row.text);
  expect(codeOf(() => codec(row.codec).decode(bytes))).toBe(row.code);
});

describe("messages.json", () => {
  const rows = vectors<EncodedRow>("messages");

  test.each(NAMES)("%s decodes every message and encodes it to the same bytes", (name) => {
    const messages = messageCodec(name, { exactFloats: true, maps: "map" });
    for (const row of rows) {
      const message = messages.decode(bytesOf(row, name), 1_000);
      expect(written(messages.encode(message, 1_000), name), row.name).toBe(row[name]);
    }
  });

  test("each row is one message in three codecs", () => {
    for (const row of rows) {
      const [one, ...others] = NAMES.map((name) => {
        const { payload, metadata, ...fields } = messageCodec(name, { exactFloats: true }).decode(
          bytesOf(row, name),
          1_000,
        );
        return [fields, comparable(payload), comparable(metadata)];
      });
      for (const other of others) expect(other, row.name).toEqual(one);
    }
  });
});

describe("frames.json", () => {
  const rows = vectors<FrameRow>("frames");

  test.each(rows)("$name", ({ hex, ...row }) => {
    const attachments = row.attachments.map(({ kind, data }) => ({
      kind,
      data: Buffer.from(data, "hex"),
    }));
    const bytes = encodeFrame({ ...row, body: Buffer.from(row.body, "hex"), attachments });
    expect(Buffer.from(bytes).toString("hex")).toBe(hex);
    const [frame] = new FrameDecoder({ versions: [0, 255] }).feed(Buffer.from(hex, "hex"));
    expect({
      name: row.name,
      ...frame,
      body: Buffer.from(frame?.body ?? []).toString("hex"),
      attachments: frame?.attachments.map(({ kind, data }) => ({
        kind,
        data: Buffer.from(data).toString("hex"),
      })),
    }).toEqual(row);
  });
});

test.each(vectors<MalformedFrameRow>("malformed-frames"))(
  "malformed-frames.json: a decoder refuses $name",
  ({ hex, code, end }) => {
    const decoder = new FrameDecoder();
    const bytes = Buffer.from(hex, "hex");
    if (end === true) expect(decoder.feed(bytes)).toEqual([]);
    expect(codeOf(() => (end === true ? decoder.end() : decoder.feed(bytes)))).toBe(code);
  },
);
