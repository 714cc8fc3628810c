import { openBus } from "../../src/bus/open-bus.ts";

/** Events that came before are handed over by then. */
const settled = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

/** A member of the hub that it is given, with one subscription to `log`; its endpoint `heard` tells what came and how it ended. */
const [, , join, options = "{}"] = process.argv;
const bus = await openBus({ name: "slow", join });
const heard: number[] = [];
let ended = "";
const subscription = await bus.subscribe(
  "log",
  (payload) => {
    heard.push((payload as { index: number }).index);
  },
  JSON.parse(options),
);
void subscription.ended.then((error) => {
  ended = error === undefined ? "closed" : String((error as { code?: unknown }).code);
});
await bus.register("heard", async (untilEnded) => {
  if (untilEnded === true) await subscription.ended;
  await settled();
  return { heard, ended };
});
process.stdout.write("ready\n");
