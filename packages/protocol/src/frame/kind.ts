import type { CodecName } from "../codec/index.ts";

/** What a frame is; the number is its byte on the wire. */
export const FRAME_KINDS = {
  hello: 1,
  message: 2,
  call: 3,
  program: 4,
  result: 5,
  error: 6,
  item: 7,
  credit: 8,
  cancel: 9,
  callback: 10,
  release: 11,
  ping: 12,
  pong: 13,
  log: 14,
  event: 15,
  end: 16,
  memory: 17,
} as const;

export type FrameKind = keyof typeof FRAME_KINDS;

/** Names of the kinds by number; undefined where there is none. */
export const FRAME_KIND_NAMES: readonly (FrameKind | undefined)[] = Object.entries(
  FRAME_KINDS,
).reduce<(FrameKind | undefined)[]>(
  (names, [name, number]) => {
    names[number] = name as FrameKind;
    return names;
  },
  [undefined],
);

/** Codecs in the order of their numbers in the flags. */
export const FRAME_CODECS: readonly CodecName[] = ["msgpack", "compact", "json"];
