import type { RingProducer } from "@amphis/native";

/** In place of bytes: nothing more comes (spec/channel.md). */
const END = new Uint8Array(0);
const LONGEST_PIECE_BYTES = 0x8000;

/** Bytes on their way into a ring; what finds no room waits. */
export class RingWriter {
  readonly #ring: RingProducer;
  readonly #armRoom: (byteLength: number) => boolean;
  /** Four of them fit, so that one is written while another is read. */
  readonly #pieceBytes: number;
  #waiting: Uint8Array[] = [];

  /** @param armRoom asks for a ring of the doorbell when so much may fit; true: it does already */
  constructor(ring: RingProducer, armRoom: (byteLength: number) => boolean) {
    this.#ring = ring;
    this.#armRoom = armRoom;
    this.#pieceBytes = Math.min(Math.floor(ring.longestRecord / 4), LONGEST_PIECE_BYTES);
  }

  /** Whether everything is in the ring. */
  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Length of the record that waits for room; undefined: none does. */
  get nextBytes(): number | undefined {
    const [first] = this.#waiting;
    return first === undefined ? undefined : Math.min(first.length, this.#pieceBytes);
  }

  /** Sends parts one after the other. When some found no room, the doorbell rings for `flush`. */
  write(parts: readonly Uint8Array[]): void {
    if (!this.isDone) {
      for (const part of parts) if (part.length > 0) this.#waiting.push(part);
      return;
    }
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at] as Uint8Array;
      const rest = part.length === 0 ? undefined : this.#push(part);
      if (rest === undefined) continue;
      this.#waiting = [rest, ...parts.slice(at + 1).filter(({ length }) => length > 0)];
      return;
    }
  }

  /** Says, behind everything else, that nothing more comes. */
  end(): void {
    this.#waiting.push(END);
    this.flush();
  }

  /** Sends what waits, as far as there is room. */
  flush(): void {
    let sent = 0;
    for (const part of this.#waiting) {
      const rest = this.#push(part);
      if (rest !== undefined) {
        this.#waiting[sent] = rest;
        break;
      }
      sent += 1;
    }
    this.#waiting.splice(0, sent);
  }

  /** @returns what found no room; then a ring of the doorbell was asked for */
  #push(part: Uint8Array): Uint8Array | undefined {
    let rest = part;
    for (;;) {
      const piece = rest.length <= this.#pieceBytes ? rest : rest.subarray(0, this.#pieceBytes);
      if (this.#ring.push(piece)) {
        if (piece.length === rest.length) return undefined;
        rest = rest.subarray(piece.length);
      } else if (!this.#armRoom(piece.length)) {
        return rest;
      }
    }
  }
}
