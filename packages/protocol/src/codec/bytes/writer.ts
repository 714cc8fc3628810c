import { allocate } from "../../platform.ts";
import type { Foreign } from "../foreign.ts";

const SLAB_BYTES = 65_536;
/** Room that {@link ByteWriter.begin} leaves behind, so that most small encodings never grow. */
const HEADROOM = 1_024;

/**
 * A growing output. Encodings follow each other in one slab of memory and are handed out as views of it, so that a small one
 * costs no allocation of its own.
 *
 * An encoder calls {@link ByteWriter.ensure} and then writes at `at` itself; the fields are public because a call for
 * each byte would cost more than the byte.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer> = allocate(SLAB_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;
  /** Where the current encoding starts; after {@link ByteWriter.finish} where the next one will. */
  start = 0;
  /** Asked for what is no value. */
  foreign: Foreign | undefined = undefined;

  /** Starts an encoding, and forgets one that was never finished. */
  begin(): void {
    if (this.bytes.length - this.start < HEADROOM) this.#renew(SLAB_BYTES, 0);
    this.at = this.start;
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.at + count > this.bytes.length) this.#grow(count);
  }

  /** The bytes of the current encoding. They belong to the caller; nothing is written to them again. */
  finish(): Uint8Array {
    const { start, at } = this;
    const done = this.bytes.subarray(start, at);
    // A slab that grew for one large value would keep it alive for the sake of the next small one.
    if (this.bytes.length > SLAB_BYTES) this.#renew(SLAB_BYTES, 0);
    else this.start = (at + 7) & ~7;
    return done;
  }

  #grow(count: number): void {
    const written = this.at - this.start;
    const needed = written + count;
    this.#renew(needed <= SLAB_BYTES ? SLAB_BYTES : Math.ceil(needed * 1.5), written);
  }

  #renew(size: number, written: number): void {
    const next = allocate(size);
    if (written > 0) next.set(this.bytes.subarray(this.start, this.start + written));
    this.bytes = next;
    this.view = new DataView(next.buffer, next.byteOffset, next.length);
    this.start = 0;
    this.at = written;
  }
}

let idle: ByteWriter | undefined;

/** The shared writer, or a new one while that is in use (an object's getter may encode something itself). */
export function takeWriter(): ByteWriter {
  const writer = idle ?? new ByteWriter();
  idle = undefined;
  writer.begin();
  return writer;
}

/** Ends an encoding with bytes that are there already. */
export function finishWith(out: ByteWriter, rest: Uint8Array): Uint8Array {
  out.ensure(rest.length);
  out.bytes.set(rest, out.at);
  out.at += rest.length;
  return out.finish();
}

/** A writer that grew for something that then failed is dropped, or the next encoding would be a view of all that memory. */
export function returnWriter(writer: ByteWriter): void {
  if (writer.bytes.length <= SLAB_BYTES) idle = writer;
}
