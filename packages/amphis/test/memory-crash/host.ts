import { once } from "node:events";

import { SharedMemory, type SharedMemoryOptions } from "../../src/memory/index.ts";
import { sharedMemory } from "../../src/transport/shared-memory/index.ts";
import type { Connection, Listener } from "../../src/transport/transport.ts";
import { Session } from "./session.ts";

export interface HostOptions extends SharedMemoryOptions {
  readonly address: string;
  readonly ringBytes?: number | undefined;
}

/** Memory and a place where guests connect, who are told apart by their process. */
export class Host implements AsyncDisposable {
  readonly memory: SharedMemory;
  readonly address: string;
  readonly #listener: Listener;
  readonly #arrived: Map<number, Session>;
  readonly #events: EventTarget;

  private constructor(
    memory: SharedMemory,
    listener: Listener,
    arrived: Map<number, Session>,
    events: EventTarget,
  ) {
    this.memory = memory;
    this.address = listener.address;
    this.#listener = listener;
    this.#arrived = arrived;
    this.#events = events;
  }

  static async open({ address, ringBytes, ...options }: HostOptions): Promise<Host> {
    const memory = await SharedMemory.open(options);
    const arrived = new Map<number, Session>();
    const events = new EventTarget();
    const accept = (connection: Connection): void => {
      const pid = connection.peer.process?.pid ?? 0;
      arrived.set(pid, new Session(connection));
      events.dispatchEvent(new Event(String(pid)));
    };
    const listener = await sharedMemory({ memory, ringBytes }).listen(address, accept);
    return new Host(memory, listener, arrived, events);
  }

  /** The next host at the same memory, whose rings are of another size. */
  async also(address: string, ringBytes: number): Promise<Listener> {
    const accept = (connection: Connection): void => {
      const pid = connection.peer.process?.pid ?? 0;
      this.#arrived.set(pid, new Session(connection));
      this.#events.dispatchEvent(new Event(String(pid)));
    };
    return sharedMemory({ memory: this.memory, ringBytes }).listen(address, accept);
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#listener.connections.size;
  }

  /** The session with a process; undefined when it ends before there is one. */
  async session(pid: number, ended: Promise<unknown>): Promise<Session | undefined> {
    if (!this.#arrived.has(pid)) {
      const left = new AbortController();
      const { signal } = left;
      const arrival = once(this.#events as never, String(pid), { signal }).catch(() => undefined);
      await Promise.race([arrival, ended]);
      left.abort();
    }
    const session = this.#arrived.get(pid);
    this.#arrived.delete(pid);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    this.memory.close();
  }
}
