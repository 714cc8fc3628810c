import { decodeHello, encodeHello, type Hello } from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { type Hello as ProtoHello, HelloSchema } from "../generated/index.ts";
import { Place } from "./place.ts";

/** @throws {AmphisError} BODY_INVALID for a hello that a peer would refuse */
export function helloToProto(hello: Hello): ProtoHello {
  const { product, versions, codecs, limits, capabilities } = checked(hello);
  return create(HelloSchema, {
    product,
    lowestVersion: versions[0],
    highestVersion: versions[1],
    codecs: [...codecs],
    maxFrameBytes: BigInt(limits.maxFrameBytes),
    maxDepth: BigInt(limits.maxDepth),
    capabilities: [...capabilities],
  });
}

/** @throws {AmphisError} BODY_INVALID, FRAME_TOO_LARGE above 64 KiB */
export function helloFromProto(message: ProtoHello): Hello {
  const place = new Place("hello");
  return checked({
    product: message.product,
    versions: [message.lowestVersion, message.highestVersion],
    codecs: message.codecs,
    limits: {
      maxFrameBytes: place.in(".max_frame_bytes", () => place.safe(message.maxFrameBytes)),
      maxDepth: place.in(".max_depth", () => place.safe(message.maxDepth)),
    },
    capabilities: message.capabilities,
  });
}

/** A hello has one set of rules, whatever carries it: those of its own encoding. */
function checked(hello: Hello): Hello {
  return decodeHello(encodeHello(hello));
}
