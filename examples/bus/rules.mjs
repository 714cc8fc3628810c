// Who may do what on a bus: each member shows its token, and a rule says what it may.

import { isAmphisError } from "@amphis/protocol";
import { openBus } from "amphis/bus";

// #region rules
const hub = await openBus({
  listen: process.argv[2] ?? "inproc:shop",
  tokens: { web: "w-7f3a", audit: "a-91c0" },
  allow: [
    { member: "web", call: ["prices.**"], publish: ["orders.*"] },
    { member: "audit", subscribe: ["#"] },
  ],
});
// #endregion rules

await hub.register("prices.list", () => [9.5, 12]);
const web = await openBus({ join: hub.addresses[0], name: "web", token: "w-7f3a" });
console.log(`web may ask for prices: ${await web.request("prices.list")}`);

const attempts = [
  () => web.subscribe("#", () => undefined),
  () => openBus({ join: hub.addresses[0], name: "audit", token: "guessed" }),
];
for (const attempt of attempts) {
  try {
    await attempt();
  } catch (error) {
    if (!isAmphisError(error)) throw error;
    console.log(`${error.code}: ${error.message}`);
  }
}
await web.close();
await hub.close();
