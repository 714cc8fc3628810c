import { once } from "node:events";
import { join } from "node:path";

import { SharedMemory, type SharedMemoryOptions } from "../../src/memory/index.ts";
import { sharedMemory } from "../../src/transport/shared-memory/index.ts";
import type { Connection, Listener } from "../../src/transport/transport.ts";
import { Session } from "./session.ts";

/** Rings that hold less than most frames, some, and nearly all. */
export const RING_BYTES = [1_024, 16_384, 262_144] as const;
/** Larger frames go through memory, in both directions. */
export const SPILL_BYTES = 60_000;
export type RingBytes = (typeof RING_BYTES)[number];

export interface HostOptions extends SharedMemoryOptions {
  /** For sockets. */
  readonly folder: string;
}

/** Memory, and a place for each size of rings where guests connect, who are told apart by their process. */
export class Host implements AsyncDisposable {
  readonly memory: SharedMemory;
  readonly #folder: string;
  readonly #listeners: Listener[] = [];
  readonly #sessions = new Map<number, Session>();
  readonly #events = new EventTarget();

  private constructor(memory: SharedMemory, folder: string) {
    this.memory = memory;
    this.#folder = folder;
  }

  static async open({ folder, ...options }: HostOptions): Promise<Host> {
    const host = new Host(await SharedMemory.open(options), folder);
    for (const ringBytes of RING_BYTES) await host.#listen(ringBytes);
    return host;
  }

  /** Where guests connect. */
  static address(folder: string, ringBytes: RingBytes): string {
    return `shm:${join(folder, `${ringBytes}.sock`)}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#listeners.reduce((sum, { connections }) => sum + connections.size, 0);
  }

  /** The session with a process; undefined when it ends before there is one. */
  async session(pid: number, ended: Promise<unknown>): Promise<Session | undefined> {
    if (!this.#sessions.has(pid)) {
      const left = new AbortController();
      const { signal } = left;
      const arrival = once(this.#events, String(pid), { signal }).catch(() => undefined);
      await Promise.race([arrival, ended]);
      left.abort();
    }
    return this.#sessions.get(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) await listener.close();
    this.memory.close();
  }

  async #listen(ringBytes: RingBytes): Promise<void> {
    const transport = sharedMemory({ memory: this.memory, ringBytes, spillBytes: SPILL_BYTES });
    const address = Host.address(this.#folder, ringBytes);
    this.#listeners.push(await transport.listen(address, (connection) => this.#accept(connection)));
  }

  #accept(connection: Connection): void {
    const pid = connection.peer.process?.pid ?? 0;
    this.#sessions.set(pid, new Session(connection));
    this.#events.dispatchEvent(new Event(String(pid)));
    void connection.closed.then(async () => {
      // Numbers of processes come round again.
      await new Promise((resolve) => setImmediate(resolve));
      this.#sessions.delete(pid);
    });
  }
}
