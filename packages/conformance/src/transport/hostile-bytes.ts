import { encodeFrame } from "@amphis/protocol";

import { numbered, pattern } from "./frames.ts";

/** Bytes that no honest peer sends, and what the connection that gets them fails with. */
export const HOSTILE_BYTES: readonly (readonly [name: string, bytes: Uint8Array, code: string])[] =
  [
    ["garbage", pattern(100_000), "FRAME_INVALID"],
    ["zeros", new Uint8Array(24), "FRAME_INVALID"],
    ["text of another protocol", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "FRAME_INVALID"],
    [
      "a version that was not agreed on",
      encodeFrame({ ...numbered(1), version: 9 }),
      "VERSION_UNSUPPORTED",
    ],
    ["a length beyond the limit", claim(0xffff_ffff), "FRAME_TOO_LARGE"],
  ];

function claim(bodyBytes: number): Uint8Array {
  const header = Buffer.from(encodeFrame({ kind: "event", body: new Uint8Array(0) }));
  header.writeUInt32LE(bodyBytes, 16);
  return header;
}
