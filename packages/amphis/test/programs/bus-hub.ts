import { openBus } from "../../src/bus/open-bus.ts";

/** A hub at the address that it is given; its endpoint `heard` tells how many events of `log` came. */
const bus = await openBus({ name: "hub", listen: process.argv[2] });
let heard = 0;
await bus.subscribe("log", () => {
  heard += 1;
});
await bus.register("heard", async () => {
  // Events that came before are handed over by then.
  await new Promise((resolve) => setImmediate(resolve));
  return heard;
});
await bus.register("orphans", () => bus.stats.orphans);
process.stdout.write("ready\n");
