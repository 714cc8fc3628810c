import { deserialize, serialize } from "node:v8";

import {
  compact,
  compactFor,
  json,
  Message,
  messageCodec,
  type MessageInit,
  msgpack,
  type Value,
} from "@amphis/protocol";
import { Decoder, Encoder } from "@msgpack/msgpack";
import { Packr } from "msgpackr";

import type { Case, Cases } from "../runner/index.ts";
import * as messages from "./messages.ts";
import { protobuf } from "./protobuf.ts";

export type MessageName = "small" | "envelope" | "page";

interface Contender {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** What it encodes, where that is not the plain object. */
  readonly value?: unknown;
}

type MakeContender = (message: MessageName) => Contender;

/** JSON has no bytes, so a program that uses it writes base64 by hand. */
const plainJson: Contender = {
  encode: (value) =>
    Buffer.from(
      JSON.stringify(value, (_, item: unknown) =>
        item instanceof Uint8Array ? { $bytes: Buffer.from(item).toString("base64") } : item,
      ),
    ),
  decode: (bytes) =>
    JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(),
      (_, item: { readonly $bytes?: string } | null) =>
        typeof item === "object" && item !== null && item.$bytes !== undefined
          ? Buffer.from(item.$bytes, "base64")
          : item,
    ),
};

function ours(codec: {
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}): Contender {
  return {
    encode: (value) => codec.encode(value as Value),
    decode: (bytes) => codec.decode(bytes),
  };
}

function packr(): Contender {
  const instance = new Packr({ useRecords: false });
  return {
    encode: (value) => instance.pack(value),
    decode: (bytes) => instance.unpack(bytes) as unknown,
  };
}

function reused(): Contender {
  const encoder = new Encoder();
  const decoder = new Decoder();
  return { encode: (value) => encoder.encode(value), decode: (bytes) => decoder.decode(bytes) };
}

export const CONTENDERS: Readonly<Record<string, MakeContender>> = {
  msgpack: () => ours(msgpack()),
  compact: (message) => ours(compactFor(messages.schemas[message])),
  "compact, walked": (message) => ours(compactFor(messages.schemas[message], { generate: false })),
  "compact, no schema": () => ours(compact()),
  json: () => ours(json()),
  msgpackr: packr,
  "@msgpack/msgpack": reused,
  "protobuf-es": protobuf,
  "JSON, base64": () => plainJson,
  "v8.serialize": () => ({ encode: serialize, decode: (bytes) => deserialize(bytes) as unknown }),
};

/** Messages of the protocol: built, checked, frozen; encoded with what is left of their TTL. Only the envelope is one. */
export const MESSAGES = ["msgpack", "compact", "json"] as const;

function messageContender(codec: (typeof MESSAGES)[number]): Contender {
  const instance = messageCodec(codec);
  return {
    encode: (value) => instance.encode(value as Message<unknown>, 0),
    decode: (bytes) => instance.decode(bytes, 0),
    value: new Message(messages.envelope as MessageInit, 0),
  };
}

/** Kept, so that the compiler cannot leave the work out. */
let sink: unknown;

function encodeCase(contender: Contender, value: unknown): Case {
  return {
    bytes: contender.encode(value).length,
    run(count) {
      for (let i = 0; i < count; i += 1) sink = contender.encode(value);
    },
  };
}

function decodeCase(contender: Contender, value: unknown): Case {
  const bytes = contender.encode(value).slice();
  return {
    bytes: bytes.length,
    run(count) {
      for (let i = 0; i < count; i += 1) sink = contender.decode(bytes);
    },
  };
}

function pair(name: string, make: () => Contender, value: unknown): [string, () => Case][] {
  return [
    [`${name}, encode`, () => encodeCase(make(), make().value ?? value)],
    [`${name}, decode`, () => decodeCase(make(), make().value ?? value)],
  ];
}

export const cases: Cases = Object.fromEntries([
  ...(["small", "envelope", "page"] as const).flatMap((message) =>
    Object.entries(CONTENDERS).flatMap(([name, make]) =>
      pair(`${message}, ${name}`, () => make(message), messages[message]),
    ),
  ),
  ...MESSAGES.flatMap((codec) =>
    pair(`message, ${codec}`, () => messageContender(codec), undefined),
  ),
]);

export function used(): unknown {
  return sink;
}
