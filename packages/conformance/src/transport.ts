import { describe } from "vitest";

import { describeEnding } from "./transport/ending.ts";
import { describeHostileListener } from "./transport/hostile-listener.ts";
import { describeFrozen, describeHostility } from "./transport/hostile.ts";
import { describeLeaks } from "./transport/leaks.ts";
import { describeLimits } from "./transport/limits.ts";
import { describeAddresses, describeOpening } from "./transport/opening.ts";
import { describeOrder } from "./transport/order.ts";
import type { TransportPair } from "./transport/pair.ts";
import { describePressure } from "./transport/pressure.ts";

export { connectFrozen, connectRaw, runFrozen } from "./transport/frozen.ts";
export type { FrozenPeer, RawListener, TransportPair } from "./transport/pair.ts";
export { listenRaw } from "./transport/raw-listener.ts";

/**
 * The contract of a transport as vitest tests; `amphis/transport` has it as prose.
 *
 * Call it at the top level of a test file. `open` gives each test a pair of its own; what a pair leaves out decides which tests there are.
 */
export function describeTransport(name: string, open: () => Promise<TransportPair>): void {
  describe(`${name} opens`, () => void describeOpening(open));
  describe(`${name} delivers`, () => void describeOrder(open));
  describe(`${name} holds senders back:`, () => void describePressure(open));
  describe(`${name} limits`, () => void describeLimits(open));
  describe(`${name} ends:`, () => void describeEnding(open));
  describe(`${name} leaves nothing behind:`, () => void describeLeaks(open));
  describe(`${name}, as far as its pair goes:`, async () => {
    const pair = await open();
    await pair.close?.();
    if (pair.nobody !== undefined) describeAddresses(open);
    if (pair.raw !== undefined) describeHostility(open);
    if (pair.listenRaw !== undefined) describeHostileListener(open);
    if (pair.freeze !== undefined) describeFrozen(open);
  });
}
