import { type Hello, PROTOCOL_VERSION } from "@amphis/protocol";

const MAX_DEPTH = 1_000;

/** What a member of a bus says of itself before it joins. */
export function busHello(maxFrameBytes: number): Hello {
  return {
    product: `amphis (node ${process.versions.node})`,
    versions: [PROTOCOL_VERSION, PROTOCOL_VERSION],
    codecs: ["msgpack", "compact", "json"],
    limits: { maxFrameBytes, maxDepth: MAX_DEPTH },
    capabilities: ["bus"],
  };
}
