import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

import { envelope, page, small } from "./messages.ts";

/** protobuf-es encodes by reflection whether its code is generated or not, so the descriptor is built here. */
function messageOf(name: string): DescMessage {
  const folder = fileURLToPath(new URL("../../codec", import.meta.url));
  const buf = fileURLToPath(new URL("../../../node_modules/.bin/buf", import.meta.url));
  const set = execFileSync(buf, ["build", folder, "--as-file-descriptor-set", "-o", "-"]);
  const found = createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).getMessage(
    `amphis.bench.${name}`,
  );
  if (found === undefined) {
    throw new Error(`Cannot run bench: messages.proto has no message ${name}`);
  }
  return found;
}

const SMALL = {
  ...small,
  args: [
    { kind: { case: "int", value: 3n } },
    { kind: { case: "float", value: 2.5 } },
    { kind: { case: "text", value: "row" } },
  ],
};
const ENVELOPE = {
  ...envelope,
  type: 0,
  priority: 2,
  ttlMs: 2_500n,
  timestamp: 1_763_692_800_123n,
};

const VALUES = {
  small: ["Small", SMALL],
  envelope: ["Envelope", ENVELOPE],
  page: ["Page", page],
} as const;

/** Encodes from the plain object, as a caller has it, which includes making the message. */
export function protobuf(name: keyof typeof VALUES): {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly value: unknown;
} {
  const [message, value] = VALUES[name];
  const type = messageOf(message);
  return {
    encode: (init) => toBinary(type, create(type, init as Message)),
    decode: (bytes) => fromBinary(type, bytes),
    value,
  };
}
