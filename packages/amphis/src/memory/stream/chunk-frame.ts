import {
  AmphisError,
  Attachment,
  decodeItem,
  encodeItem,
  type Frame,
  type FrameAttachment,
  type FrameInit,
} from "@amphis/protocol";

import { ArrowTable } from "../arrow/arrow-table.ts";
import type { Carried, Carrier, Outgoing } from "../carrier.ts";

/** A chunk as it came, not opened yet. */
export interface ChunkFrame {
  readonly sequence: number;
  readonly attachment: FrameAttachment;
  /** How to read it. */
  readonly value: Attachment;
}

/** The frame of a chunk (spec/bodies.md). */
export function encodeChunk(callId: number, sequence: number, chunk: Outgoing): FrameInit {
  const { attachment, format, meta } = chunk;
  const value = new Attachment(0, format, meta);
  return { kind: "item", callId, body: encodeItem({ sequence, value }), attachments: [attachment] };
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeChunk({ body, attachments }: Frame): ChunkFrame {
  const { sequence, value } = decodeItem(body);
  const [attachment, ...others] = attachments;
  if (!(value instanceof Attachment) || value.index !== 0) {
    throw invalid("$[1]", "attachment 0");
  }
  if (attachment === undefined || others.length > 0) {
    throw invalid("$", "one attachment beside it");
  }
  return { sequence, attachment, value };
}

/** Lets go of the memory of a chunk. */
export function release(chunk: Carried): void {
  const memory = chunk instanceof ArrowTable ? chunk.memory : chunk;
  memory.release?.();
}

/** Lets go of the memory and the device tensors that came with a frame which nobody takes. */
export function letGo(frame: Frame, carrier: Carrier): void {
  for (const attachment of frame.attachments) {
    try {
      const isReference = attachment.kind === "reference";
      const value = isReference ? { format: "bytes", meta: {} } : decodeChunk(frame).value;
      if (isReference || value.format === "device") release(carrier.open(attachment, value));
    } catch {
      // What is no good reference, or no chunk, holds nothing.
    }
  }
}

function invalid(path: string, expected: string): AmphisError {
  const message = `Cannot take chunk: ${path} must have ${expected}`;
  return new AmphisError("BODY_INVALID", message, { body: "item", path, expected });
}
