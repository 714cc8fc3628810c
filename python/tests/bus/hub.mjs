/*
 * The real hub, as a program: `node hub.mjs <address> [token]`. It prints its address when it listens, and ends with its standard input.
 * Its own endpoints let tests see how TypeScript and Python meet.
 */

import { openBus } from "../../../packages/amphis/dist/bus/index.js";

const [address, token] = process.argv.slice(2);
/** What the kernel says of those who joined, by name; `null` where it says nothing. */
const processes = new Map();
const bus = await openBus({
  listen: address,
  name: "hub",
  tokens: token || undefined,
  admit: ({ name, identity }) => void processes.set(name, identity.process ?? null),
});

await bus.register("ts.echo", (payload) => payload);
await bus.register("ts.who", (name) => processes.get(name));
await bus.register("ts.count", async function* count(last) {
  for (let item = 0; item < last; item += 1) yield item;
});
await bus.register("ts.sum", async (_, { input }) => {
  let sum = 0;
  for await (const item of input) sum += Number(item);
  return sum;
});
await bus.register("ts.fail", (text) => {
  throw new RangeError(text);
});
await bus.register("ts.ask", ({ target, payload }) => bus.request(target, payload));
await bus.register("ts.read", async function* read({ target, payload, items }) {
  let left = items;
  for await (const item of bus.stream(target, payload, { credit: 4 })) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
});
await bus.register("ts.publish", ({ topic, payload, metadata }) =>
  bus.publish(topic, payload, { metadata }),
);

process.stdin.on("end", () => void bus.close()).resume();
process.stdout.write(`${bus.addresses[0]}\n`);
