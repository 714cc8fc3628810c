import { AmphisError } from "../error/index.ts";
import { Attachment, describeKind } from "../value/index.ts";
import type { CodecName } from "./codec.ts";

/**
 * Thrown by an encoder at the value that it cannot write. The path to it is not carried along while encoding, which would cost
 * every value that can be written; it is searched for afterwards.
 */
export class Refusal {
  readonly leaf: unknown;
  readonly code: "VALUE_UNSUPPORTED" | "VALUE_OUT_OF_RANGE" | "DEPTH_EXCEEDED";
  readonly expected: string;

  constructor(leaf: unknown, code: Refusal["code"], expected: string) {
    this.leaf = leaf;
    this.code = code;
    this.expected = expected;
  }
}

/** The error for something that an encoder threw: a refusal with its path, anything else as it is. */
export function explainRefusal(
  thrown: unknown,
  root: unknown,
  codec: CodecName,
  maxDepth: number,
): unknown {
  if (!(thrown instanceof Refusal)) return thrown;
  const { leaf, code, expected } = thrown;
  if (code === "DEPTH_EXCEEDED") {
    return new AmphisError(
      code,
      `Cannot encode ${codec}: the value is nested deeper than ${maxDepth} levels or contains itself`,
      { limit: maxDepth },
    );
  }
  const path = locate(root, leaf, maxDepth) ?? "$";
  const received = describeKind(leaf);
  return new AmphisError(
    code,
    `Cannot encode ${codec}: ${path} must be ${expected}, got ${received}`,
    { path, expected, received },
  );
}

/** Path to the first place that holds a value. */
export function locate(root: unknown, leaf: unknown, left: number): string | undefined {
  const below = locateBelow(root, leaf, left);
  return below === undefined ? undefined : `$${below}`;
}

function locateBelow(value: unknown, leaf: unknown, left: number): string | undefined {
  if (Object.is(value, leaf)) return "";
  if (typeof value !== "object" || value === null || left < 0 || ArrayBuffer.isView(value)) {
    return undefined;
  }
  for (const [step, child] of steps(value)) {
    const below = locateBelow(child, leaf, left - 1);
    if (below !== undefined) return step + below;
  }
  return undefined;
}

/** What a container holds, each with how a path names it. */
export function* steps(value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [`[${index}]`, item];
  } else if (value instanceof Set) {
    for (const item of value) yield ["{}", item];
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield [".keys()", key];
      yield [typeof key === "string" ? property(key) : `.get(${describeKind(key)})`, item];
    }
  } else if (value instanceof Attachment) {
    yield [".meta", value.meta];
  } else {
    for (const key of Object.keys(value)) {
      yield [".keys()", key];
      yield [property(key), (value as Record<string, unknown>)[key]];
    }
  }
}

function property(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
