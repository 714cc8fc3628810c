import { msgpack, type Value } from "@amphis/protocol";

import { fromBytes, Tensor } from "../../../memory/index.ts";

const codec = msgpack();

/** A result as bytes, with what it is the result of; undefined for what cannot be written down. */
export function encodeStored(
  name: string,
  value: unknown,
  expiresAt: number,
): Uint8Array | undefined {
  const until = Number.isFinite(expiresAt) ? Math.floor(expiresAt) : null;
  try {
    return codec.encode([name, until, formOf(value)] as Value);
  } catch {
    return undefined;
  }
}

/** What was written down for this name, unless it is too old or is something else. */
export function decodeStored(
  body: Uint8Array,
  name: string,
  now: number,
): { readonly value: unknown } | undefined {
  try {
    const [known, until, form] = codec.decode(body) as readonly unknown[];
    const isCurrent = until === null || (typeof until === "number" && now < until);
    return known === name && isCurrent ? { value: valueOf(form) } : undefined;
  } catch {
    return undefined;
  }
}

function formOf(value: unknown): unknown {
  if (!(value instanceof Tensor)) return ["value", value];
  const { dtype, shape, byteOffset, size, itemBytes, memory } = value.isContiguous
    ? value
    : value.copy();
  const bytes = memory.bytes.subarray(byteOffset, byteOffset + size * itemBytes);
  return ["tensor", dtype, shape, bytes];
}

function valueOf(form: unknown): unknown {
  const [kind, ...parts] = form as readonly unknown[];
  if (kind === "value") return parts[0];
  const [dtype, shape, bytes] = parts as unknown as readonly [
    string,
    readonly number[],
    Uint8Array,
  ];
  // As it may be written to, and its elements have to lie where such an array can be.
  return fromBytes({ bytes: Uint8Array.from(bytes) }, { dtype, shape });
}
