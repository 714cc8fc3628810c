import { Socket } from "node:net";
import type { Readable } from "node:stream";

import type { NativeCore } from "@amphis/native";

/** This program's side of what joins it to one worker. */
export interface NearEnds {
  /** A descriptor where nothing of Node has read from it. */
  readonly channel: number | Socket;
  readonly control: Socket;
  /** To the keeper of the worker. */
  readonly line: Socket;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Of two of them, to be read while the event loop rests; absent where Node made them. */
  readonly descriptors?: { readonly line: number; readonly stderr: number } | undefined;
}

/** Both sides of what joins this program to one worker: three Unix sockets and two pipes. */
export class EndPairs {
  readonly #core: NativeCore;
  readonly #near: number[] = [];
  readonly #far: number[] = [];

  constructor(core: NativeCore) {
    this.#core = core;
    try {
      for (let index = 0; index < 3; index += 1) this.#keep(core.socketPair());
      for (let index = 0; index < 2; index += 1) {
        const { hears, rings } = core.createDoorbellPair();
        this.#keep([hears, rings]);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What the worker is to get, in the order that its keeper expects: channel, control line, line, standard output, standard error. */
  get far(): readonly number[] {
    return this.#far;
  }

  /** Takes this side, once. */
  takeNear(): NearEnds {
    const [channel = -1, control = -1, line = -1, stdout = -1, stderr = -1] = this.#near.splice(0);
    return {
      channel,
      control: new Socket({ fd: control, allowHalfOpen: true }),
      line: new Socket({ fd: line, allowHalfOpen: true }),
      stdout: new Socket({ fd: stdout, writable: false }),
      stderr: new Socket({ fd: stderr, writable: false }),
      descriptors: { line, stderr },
    };
  }

  /** Closes what nobody took; the other process has its own. */
  close(): void {
    for (const end of [...this.#near.splice(0), ...this.#far.splice(0)]) {
      this.#core.closeDescriptor(end);
    }
  }

  #keep([near, far]: readonly [number, number]): void {
    this.#near.push(near);
    this.#far.push(far);
  }
}

/** Lets go of a channel that was not opened. */
export function dropChannel({ channel }: NearEnds): void {
  const socket = typeof channel === "number" ? new Socket({ fd: channel }) : channel;
  socket.on("error", () => undefined).destroy();
}

/** Lets go of what a worker that did not come about has left, but for its channel. */
export function dropEnds({ control, line, stdout, stderr }: NearEnds): void {
  for (const stream of [control, line, stdout, stderr]) {
    stream.on("error", () => undefined).destroy();
  }
}
