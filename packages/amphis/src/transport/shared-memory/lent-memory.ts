import { AmphisError } from "@amphis/protocol";

import type { AnnouncedRegion, MemoryLink, MemoryWire, SpilledFrame } from "../../memory/index.ts";
import type { ChannelMemory, MemoryLine } from "../byte-channel.ts";
import { encodeAnnouncement } from "./opening.ts";
import type { RawSocket } from "./raw-socket.ts";

/** Most regions that a guest maps at a time (spec/channel.md). */
const MAX_REGIONS = 256;

/** Memory that a host lends the guest of one channel: frames for what is said of it, the socket for descriptors. */
export class LentMemory implements ChannelMemory, MemoryWire {
  readonly link: MemoryLink;
  readonly spillBytes: number;
  readonly #socket: RawSocket;
  #line: MemoryLine | undefined;
  #regions = 0;

  constructor(link: MemoryLink, socket: RawSocket, spillBytes: number) {
    this.link = link;
    this.spillBytes = spillBytes;
    this.#socket = socket;
  }

  attach(line: MemoryLine): void {
    this.#line = line;
    this.link.attach(this);
  }

  spill(parts: readonly Uint8Array[], byteLength: number): SpilledFrame | undefined {
    return this.link.spill(parts, byteLength);
  }

  receive(body: Uint8Array, maxFrameBytes: number): Uint8Array | undefined {
    return this.link.receive(body, maxFrameBytes);
  }

  send(body: Uint8Array): void {
    this.#line?.send(body);
  }

  async tell(body: Uint8Array): Promise<void> {
    await this.#line?.tell(body);
  }

  announce({ id, bytes, descriptor }: AnnouncedRegion): void {
    if (this.#regions === MAX_REGIONS) {
      throw refused(`the guest has ${MAX_REGIONS} regions already`);
    }
    try {
      this.#socket.write(encodeAnnouncement({ kind: "region", id, bytes }), [descriptor]);
    } catch (cause) {
      throw refused("the guest takes no descriptors from its socket", cause);
    }
    this.#regions += 1;
  }

  retire(id: number): void {
    try {
      this.#socket.write(encodeAnnouncement({ kind: "gone", id, bytes: 0 }));
    } catch {
      // Who does not read its socket keeps a mapping that nobody names any more.
      return;
    }
    this.#regions -= 1;
  }
}

function refused(reason: string, cause?: unknown): AmphisError<"MEMORY_REFUSED"> {
  return new AmphisError("MEMORY_REFUSED", `Cannot lend memory: ${reason}`, { reason }, { cause });
}
