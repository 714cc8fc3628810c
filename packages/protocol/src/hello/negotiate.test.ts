import { expect, test } from "vitest";

import { type Hello, negotiate } from "./index.ts";

const initiator: Hello = {
  product: "amphis 0.2.0 (node)",
  versions: [1, 3],
  codecs: ["compact", "msgpack", "json", "msgpack"],
  limits: { maxFrameBytes: 1_000, maxDepth: 128 },
  capabilities: ["sync-channel", "shared-memory", "device-memory"],
};
const responder: Hello = {
  product: "amphis 0.1.0 (python)",
  versions: [2, 2],
  codecs: ["json", "msgpack"],
  limits: { maxFrameBytes: 2_000, maxDepth: 64 },
  capabilities: ["sync-channel", "shared-memory", "other"],
};

test("both sides agree on the best of what both have", () => {
  const agreed = {
    version: 2,
    codec: "msgpack",
    codecs: ["msgpack", "json"],
    limits: { maxFrameBytes: 1_000, maxDepth: 64 },
    capabilities: ["shared-memory", "sync-channel"],
  };
  expect(negotiate(initiator, responder)).toEqual(agreed);
  expect(negotiate(initiator, responder, { side: "responder" })).toEqual(agreed);
});

test("no common version gives an error on both sides that names both ranges", () => {
  const old: Hello = { ...responder, versions: [4, 5] };
  expect(() => negotiate(initiator, old)).toThrow(
    expect.objectContaining({
      code: "VERSION_UNSUPPORTED",
      message:
        "Cannot agree on a protocol version: this side speaks versions 1 to 3, the peer (amphis 0.1.0 (python)) speaks versions 4 to 5",
      context: { local: [1, 3], remote: [4, 5] },
    }) as Error,
  );
  expect(() => negotiate(initiator, old, { side: "responder" })).toThrow(
    expect.objectContaining({
      code: "VERSION_UNSUPPORTED",
      context: { local: [4, 5], remote: [1, 3] },
    }) as Error,
  );
});

test("no common codec gives an error that names both offers", () => {
  const mute: Hello = { ...responder, codecs: [] };
  expect(() => negotiate(initiator, mute)).toThrow(
    expect.objectContaining({
      code: "NEGOTIATION_FAILED",
      message:
        "Cannot agree on a codec: this side offers compact, msgpack, json, msgpack, the peer (amphis 0.1.0 (python)) offers none",
      context: { local: initiator.codecs, remote: [] },
    }) as Error,
  );
});

test("an error quotes a peer without letting it control a terminal", () => {
  const loud: Hello = { ...responder, product: `\u001b[2J${"x".repeat(100)}`, versions: [9, 9] };
  expect(() => negotiate(initiator, loud)).toThrow(
    `the peer (\\u001b[2J${"x".repeat(76)} … 24 more) speaks version 9`,
  );
});
