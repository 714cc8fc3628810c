import type { NativeCore } from "@amphis/native";

import type { HostRule } from "../network-rules.ts";
import { ProxyRefusals } from "./proxy-refusals.ts";
import { ProxyThread } from "./proxy-thread.ts";

/** One byte comes with the socket. */
const ROOM = 1;

/** The way out of a sandbox: a proxy on the socket that its warden hands over; closed with the warden. */
export class SandboxExit {
  readonly #core: NativeCore;
  readonly #socket: number;
  readonly #rules: readonly HostRule[];
  readonly #refusals: ProxyRefusals;
  readonly #watch: ReturnType<NativeCore["watch"]>;
  #proxy: ProxyThread | undefined;

  /** @param socket that the warden hands it over, which stays the caller's */
  constructor(core: NativeCore, socket: number, pool: string, rules: readonly HostRule[]) {
    this.#core = core;
    this.#socket = socket;
    this.#rules = rules;
    this.#refusals = new ProxyRefusals(pool);
    this.#watch = core.watch(socket, () => this.#take()).unref();
  }

  close(): void {
    this.#watch.close();
    this.#proxy?.close();
  }

  #take(): void {
    let descriptor: number | undefined;
    try {
      const got = this.#core.receiveDescriptors(this.#socket, new Uint8Array(ROOM), 1);
      if (got === undefined) return;
      [descriptor] = got.descriptors;
    } catch {
      // It said something else, or has ended: then there is no way out.
    }
    this.#watch.close();
    if (descriptor === undefined) return;
    this.#proxy = new ProxyThread(this.#rules, descriptor, (refusal) =>
      this.#refusals.tell(refusal),
    );
  }
}
