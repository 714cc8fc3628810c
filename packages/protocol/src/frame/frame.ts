import type { CodecName } from "../codec/index.ts";
import type { Priority } from "../priority.ts";
import type { FrameKind } from "./kind.ts";

/** Bulk data beside a body. */
export interface FrameAttachment {
  /** `inline`: the data is here; `reference`: the bytes say where in shared memory it is. */
  readonly kind: "inline" | "reference";
  readonly data: Uint8Array;
}

/** One unit of what crosses a connection. */
export interface Frame {
  readonly kind: FrameKind;
  /** Joins the frames of one call; 0 when there is none. */
  readonly callId: number;
  readonly priority: Priority;
  /** Codec of the body. */
  readonly codec: CodecName;
  readonly version: number;
  readonly body: Uint8Array;
  readonly attachments: readonly FrameAttachment[];
}

/** A frame to be; what is left out has the default of {@link encodeFrame}. */
export interface FrameInit {
  readonly kind: FrameKind;
  readonly body: Uint8Array;
  /** @default 0 */
  readonly callId?: number;
  /** @default "normal" */
  readonly priority?: Priority;
  /** @default "msgpack" */
  readonly codec?: CodecName;
  /** @default PROTOCOL_VERSION */
  readonly version?: number;
  readonly attachments?: readonly FrameAttachment[];
}

/** The version of the protocol that this package speaks. */
export const PROTOCOL_VERSION = 1;
/** Largest frame that a decoder accepts unless it is told otherwise: 64 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 0x400_0000;
