import { onTestFinished } from "vitest";

import type { Connect } from "../src/transport/pool.ts";
import {
  type Link,
  type LinkOptions,
  type LinkState,
  reconnecting,
} from "../src/transport/reconnect.ts";
import { FakeClock } from "./fake-clock.ts";

export interface Watched {
  readonly link: Link;
  /** Every state that the link told of. */
  readonly states: readonly string[];
  readonly clock: FakeClock;
}

/** A link that ends with the test; it waits for half of the longest time each time. */
export function linked(connect: Connect, options: LinkOptions = {}): Watched {
  const states: string[] = [];
  const clock = new FakeClock();
  const link = reconnecting(connect, {
    clock,
    random: () => 0.5,
    onState: (state) => states.push(describeState(state)),
    ...options,
  });
  onTestFinished(async () => {
    await link.close();
  });
  return { link, states, clock };
}

function describeState(state: LinkState): string {
  if (state.kind === "connecting") return `connecting ${state.attempt}`;
  if (state.kind === "waiting") return `waiting ${state.delayMs}`;
  return state.kind === "closed" ? `closed ${state.reason.kind}` : state.kind;
}

export function frame(
  callId: number,
  bytes = 8,
): { kind: "message"; body: Uint8Array; callId: number } {
  return { kind: "message", body: new Uint8Array(bytes), callId };
}
