import { openBus } from "../../src/bus/open-bus.ts";

/** Writes what nobody caught: of a handler of an event that throws, and of an observer of the state that does. */
process.on("uncaughtException", (error) => {
  process.stdout.write(`uncaught: ${error.message}\n`);
});
const bus = await openBus({
  onState: ({ kind }) => {
    throw new Error(`observer of ${kind}`);
  },
});
const handled: unknown[] = [];
await bus.subscribe("log", async (payload) => {
  handled.push(payload);
  if (payload === 1) throw new RangeError("plain");
  // A typed error of what the handler itself has asked for is no better than any other.
  if (payload === 2) await bus.request("nobody");
});
for (const payload of [1, 2, 3]) await bus.publish("log", payload);
while (handled.length < 3) await new Promise((resolve) => setImmediate(resolve));
await bus.drain();
process.stdout.write(`${bus.state.kind}\n`);
