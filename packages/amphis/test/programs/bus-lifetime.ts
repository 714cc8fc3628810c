// A bus that stays within its process: what keeps the process alive, and what does not.

import { openBus } from "../../src/bus/index.ts";

const LONG_MS = 3_600_000;
const bus = await openBus();
await bus.register("echo", (payload) => payload);
await bus.register("never", () => new Promise(() => undefined));

const say = (text: unknown): void => void process.stdout.write(`${String(text)}\n`);
// The second waits as long as the first did, whose answer came.
say(await bus.request("echo", "answered", { timeoutMs: 50 }));
say(await bus.request("never", null, { timeoutMs: 50 }).catch(({ code }) => code));
say(await bus.request("echo", "answered again", { timeoutMs: LONG_MS }));
