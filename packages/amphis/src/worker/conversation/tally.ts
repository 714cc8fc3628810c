import { decodeReference, type Frame, type FrameAttachment, HEADER_BYTES } from "@amphis/protocol";

import type { Encoded } from "../values/index.ts";
import type { CallFigures, WorkerTimes } from "./work.ts";

/** Of an attachment, before its data (spec/frame.md). */
const ENTRY_BYTES = 8;

/** What a call takes, counted while it is done; made only for work that is `timed`. */
export class CallTally implements CallFigures {
  encodeMs = 0;
  decodeMs = 0;
  sentBytes = 0;
  receivedBytes = 0;
  sharedOutBytes = 0;
  sharedInBytes = 0;
  worker: WorkerTimes | undefined;

  /** A frame is on its way whose encoding began at that moment. */
  sent(encoded: Encoded, since: number): void {
    this.encodeMs += performance.now() - since;
    if (encoded instanceof Uint8Array) this.sentBytes += encoded.length;
    else {
      const { attachments } = encoded.luggage;
      this.sentBytes += encoded.frame.length + attachedBytes(attachments);
      this.sharedOutBytes += sharedBytes(attachments);
    }
  }

  received({ body, attachments }: Frame): void {
    this.receivedBytes += HEADER_BYTES + body.length + attachedBytes(attachments);
  }

  /** The values of a frame were taken, which began at that moment. */
  decoded({ attachments }: Frame, since: number): void {
    this.decodeMs += performance.now() - since;
    this.sharedInBytes += sharedBytes(attachments);
  }
}

function attachedBytes(attachments: readonly FrameAttachment[]): number {
  let bytes = 0;
  for (const { data } of attachments) bytes += ENTRY_BYTES + Math.ceil(data.length / 8) * 8;
  return bytes;
}

function sharedBytes(attachments: readonly FrameAttachment[]): number {
  let bytes = 0;
  for (const { kind, data } of attachments) {
    if (kind === "reference") bytes += lengthOf(data);
  }
  return bytes;
}

/** A worker may send attachments that no value names, and that nobody judges. */
function lengthOf(reference: Uint8Array): number {
  try {
    return decodeReference(reference).byteLength;
  } catch {
    return 0;
  }
}
