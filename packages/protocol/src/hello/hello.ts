import { Place } from "../bodies/index.ts";
import { msgpack } from "../codec/index.ts";
import { AmphisError } from "../error/index.ts";
import type { Value } from "../value/index.ts";

/** What one side of a connection says of itself, before anything else. */
export interface Hello {
  /** For people: `amphis 0.1.0 (node 20.20.2)`. */
  readonly product: string;
  /** Lowest and highest protocol version spoken. */
  readonly versions: readonly [lowest: number, highest: number];
  /** Names of codecs, best first. */
  readonly codecs: readonly string[];
  readonly limits: HelloLimits;
  /** What this side can do beyond the protocol itself: `shared-memory`, `sync-channel`, `device-memory`. */
  readonly capabilities: readonly string[];
}

export interface HelloLimits {
  /** Largest frame that this side takes. */
  readonly maxFrameBytes: number;
  /** Most levels of nesting that this side takes. */
  readonly maxDepth: number;
}

/** Largest hello: 64 KiB. */
const MAX_BYTES = 0x1_0000;
/** Versions are one byte in the header of a frame. */
const MAX_VERSION = 255;

/** A hello is always MessagePack: no other codec is agreed on yet. */
const CODEC = msgpack();

/** @throws {AmphisError} BODY_INVALID for a hello that a peer would refuse, FRAME_TOO_LARGE above 64 KiB */
export function encodeHello(hello: Hello): Uint8Array {
  const { product, versions, codecs, limits, capabilities } = read(hello as unknown as Value);
  const { maxFrameBytes, maxDepth } = limits;
  const bytes = CODEC.encode({
    product,
    versions,
    codecs,
    limits: { maxFrameBytes, maxDepth },
    capabilities,
  });
  checkSize(bytes, "encode");
  return bytes;
}

/** @throws {AmphisError} BODY_INVALID, FRAME_TOO_LARGE above 64 KiB, and what the codec throws for bytes that are no value */
export function decodeHello(bytes: Uint8Array): Hello {
  checkSize(bytes, "decode");
  return read(CODEC.decode(bytes));
}

function checkSize(bytes: Uint8Array, act: "encode" | "decode"): void {
  if (bytes.byteLength <= MAX_BYTES) return;
  const context = { limit: MAX_BYTES, actual: bytes.byteLength };
  throw new AmphisError(
    "FRAME_TOO_LARGE",
    `Cannot ${act} hello: it has ${context.actual} bytes, the limit is ${MAX_BYTES}`,
    context,
  );
}

function read(value: Value): Hello {
  const hello = new Place("hello", value);
  const limits = hello.key("limits");
  return {
    product: hello.key("product").text(),
    versions: readVersions(hello.key("versions")),
    codecs: hello.key("codecs").texts(),
    limits: {
      maxFrameBytes: limits.key("maxFrameBytes").int(1, Number.MAX_SAFE_INTEGER),
      maxDepth: limits.key("maxDepth").int(1, Number.MAX_SAFE_INTEGER),
    },
    capabilities: hello.key("capabilities").texts(),
  };
}

function readVersions(place: Place): [number, number] {
  const [lowest, highest] = place.array(2) as [Place, Place];
  const from = lowest.int(1, MAX_VERSION);
  return [from, highest.int(from, MAX_VERSION)];
}
