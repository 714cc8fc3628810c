import {
  type Foreign,
  locate,
  Refusal,
  resolveCodecOptions,
  returnWriter,
  takeWriter,
  writeMsgpackValue,
} from "../codec/index.ts";
import { AmphisError } from "../error/index.ts";
import { describeKind } from "../value/index.ts";
import { locateCycle } from "./cycle.ts";
import { closeFrameHead, reserveFrameHead } from "./head.ts";
import { HEADER_BYTES } from "./header.ts";
import type { FrameKind } from "./kind.ts";

const { maxDepth: MAX_DEPTH } = resolveCodecOptions();

/** What all frames of one kind have in common. */
export interface FrameShape {
  readonly kind: FrameKind;
  /** What the elements of the body are called in the path of an error: `args` for `args[0].x`. */
  readonly places: readonly string[];
  /** Translates what is no value. */
  readonly foreign: Foreign | undefined;
}

/**
 * A plain frame with a MessagePack body, encoded once into one piece of memory.
 *
 * With attachments beside it, its body is what comes behind the header: `bodyOf`.
 *
 * @param callId 0 to 2^53-1
 * @throws {AmphisError} VALUE_UNSUPPORTED and VALUE_OUT_OF_RANGE with the path; DEPTH_EXCEEDED
 * @throws what the translation and getters throw
 */
export function encodeWholeFrame(
  { kind, places, foreign }: FrameShape,
  callId: number,
  body: readonly unknown[],
): Uint8Array {
  const out = takeWriter();
  out.foreign = foreign;
  try {
    reserveFrameHead(out);
    writeMsgpackValue(out, body, MAX_DEPTH + 1);
    closeFrameHead(out, kind, callId);
    return out.finish();
  } catch (thrown) {
    throw explain(thrown, body, places);
  } finally {
    out.foreign = undefined;
    returnWriter(out);
  }
}

/** The body of a frame that was encoded whole. */
export function bodyOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(HEADER_BYTES);
}

function explain(thrown: unknown, body: readonly unknown[], places: readonly string[]): unknown {
  if (!(thrown instanceof Refusal)) return thrown;
  const { leaf, code, expected } = thrown;
  if (code === "DEPTH_EXCEEDED") return tooDeep(body, places);
  const path = named(locate(body, leaf, MAX_DEPTH), places);
  const received = describeKind(leaf);
  return new AmphisError(code, `Cannot send ${path}: ${wrong(leaf, received, expected)}`, {
    path,
    expected,
    received,
  });
}

function wrong(leaf: unknown, received: string, expected: string): string {
  if (leaf instanceof Promise) return "it is a promise, which has to be awaited first";
  if (expected === "a value") {
    return `there is no form for ${received}; send its fields as a plain object`;
  }
  return `it must be ${expected}, got ${received}`;
}

function tooDeep(body: readonly unknown[], places: readonly string[]): AmphisError {
  const cycle = locateCycle(body);
  if (cycle === undefined) {
    const message = `Cannot send value: it is nested deeper than ${MAX_DEPTH} levels`;
    return new AmphisError("DEPTH_EXCEEDED", message, { limit: MAX_DEPTH });
  }
  const path = named(cycle.path, places);
  const received = `${describeKind(cycle.value)} that contains itself`;
  const message = `Cannot send ${path}: it is ${received}`;
  return new AmphisError("VALUE_UNSUPPORTED", message, {
    path,
    expected: "a value without cycles",
    received,
  });
}

/** The path as people name it: `$[1][0].x` of a call is `args[0].x`. */
function named(path: string | undefined, places: readonly string[]): string {
  const [, index, rest] = /^\$\[(\d+)\](.*)$/su.exec(path ?? "") ?? [];
  const place = index === undefined ? undefined : places[Number(index)];
  return place === undefined ? "value" : `${place}${rest ?? ""}`;
}
