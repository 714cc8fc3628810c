import { AmphisError } from "../error/index.ts";
import { cutText } from "../print/index.ts";
import type { Hello, HelloLimits } from "./hello.ts";

/** What both sides of a connection agreed on. What is not in it is never used. */
export interface Negotiated {
  /** The highest version that both speak. */
  readonly version: number;
  /** The first of {@link codecs}. */
  readonly codec: string;
  /** The initiator's codecs that the responder has too, in the initiator's order. */
  readonly codecs: readonly string[];
  /** The smaller of each. */
  readonly limits: HelloLimits;
  /** Those of both, sorted. */
  readonly capabilities: readonly string[];
}

export interface NegotiateOptions {
  /** Which of the two is this side; decides what an error calls local. @default "initiator" */
  readonly side?: "initiator" | "responder";
}

/**
 * What two hellos lead to; both sides compute the same.
 *
 * @throws {AmphisError} VERSION_UNSUPPORTED when there is no common version, NEGOTIATION_FAILED when there is no common codec
 */
export function negotiate(
  initiator: Hello,
  responder: Hello,
  options: NegotiateOptions = {},
): Negotiated {
  const { side = "initiator" } = options;
  const [local, remote] = side === "initiator" ? [initiator, responder] : [responder, initiator];
  const version = commonVersion(local, remote);
  const codecs = common(initiator.codecs, responder.codecs);
  const [codec] = codecs;
  if (codec === undefined) throw noCodec(local, remote);
  return {
    version,
    codec,
    codecs,
    limits: {
      maxFrameBytes: Math.min(local.limits.maxFrameBytes, remote.limits.maxFrameBytes),
      maxDepth: Math.min(local.limits.maxDepth, remote.limits.maxDepth),
    },
    capabilities: common(initiator.capabilities, responder.capabilities).sort(),
  };
}

function common(first: readonly string[], second: readonly string[]): string[] {
  const others = new Set(second);
  return [...new Set(first)].filter((name) => others.has(name));
}

function commonVersion(local: Hello, remote: Hello): number {
  const version = Math.min(local.versions[1], remote.versions[1]);
  if (version >= Math.max(local.versions[0], remote.versions[0])) return version;
  throw new AmphisError(
    "VERSION_UNSUPPORTED",
    `Cannot agree on a protocol version: this side speaks ${range(local.versions)}, the peer (${shown(remote.product)}) speaks ${range(remote.versions)}`,
    { local: local.versions, remote: remote.versions },
  );
}

function range([lowest, highest]: readonly [number, number]): string {
  return lowest === highest ? `version ${lowest}` : `versions ${lowest} to ${highest}`;
}

function noCodec(local: Hello, remote: Hello): AmphisError<"NEGOTIATION_FAILED"> {
  return new AmphisError(
    "NEGOTIATION_FAILED",
    `Cannot agree on a codec: this side offers ${names(local.codecs)}, the peer (${shown(remote.product)}) offers ${names(remote.codecs)}`,
    { local: local.codecs, remote: remote.codecs },
  );
}

function names(codecs: readonly string[]): string {
  return codecs.length === 0 ? "none" : shown(codecs.join(", "));
}

/** What a peer says of itself may be long, and may try to control a terminal. */
function shown(text: string): string {
  return cutText(text, 80);
}
