import { describe, expect, test } from "vitest";

import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import type { AllowRule } from "./access.ts";
import type { Bus } from "./bus.ts";

async function hubWithMember(allow: readonly AllowRule[]): Promise<readonly [hub: Bus, web: Bus]> {
  const hub = await opened({ name: "hub", listen: unixAddress(), allow });
  const web = await opened({ name: "web", join: hub.addresses[0] });
  return [hub, web];
}

function denied(act: string, subject: string): object {
  return { code: "ACCESS_DENIED", context: { member: "web", act, subject } };
}

describe("a hub with rules", () => {
  test("lets members call what they allow, and nothing else", async () => {
    const [hub, web] = await hubWithMember([
      { member: "web", call: ["images.*", "@resize"] },
      { member: "other", call: ["**"] },
    ]);
    for (const name of ["images.resize", "secrets.read"]) {
      await hub.register(name, () => name, { capabilities: ["resize"] });
    }
    expect(await web.request("images.resize")).toBe("images.resize");
    expect(await web.request("@resize")).toMatch(/images|secrets/);
    expect(await rejection(web.request("secrets.read"))).toMatchObject(
      denied("call", "secrets.read"),
    );
    expect(await rejection(web.request("secrets.none"))).toMatchObject(
      denied("call", "secrets.none"),
    );
    await web.send("secrets.read");
    await web.request("images.resize");
    expect(hub.stats.refused).toBe(3);
    expect(await hub.request("secrets.read")).toBe("secrets.read");
  });

  test("lets members publish and subscribe to what they allow, and nothing else", async () => {
    const [hub, web] = await hubWithMember([
      { member: "w*", publish: ["logs.#"], subscribe: ["prices.eu.#"] },
    ]);
    const heard: string[] = [];
    await hub.subscribe("#", (_, { target }) => void heard.push(target));
    await web.publish("alarms.fire", 1);
    await web.publish("logs.web", 2);
    await until(() => heard.length === 1);
    expect(heard).toEqual(["logs.web"]);
    expect(hub.stats.refused).toBe(1);
    await web.subscribe("prices.eu.*", () => undefined);
    for (const pattern of ["prices.#", "#", "prices.*.gold"]) {
      expect(await rejection(web.subscribe(pattern, () => undefined))).toMatchObject(
        denied("subscribe", pattern),
      );
    }
    expect(web.stats.subscriptions).toBe(1);
  });

  test("lets members register and set routes as they allow, and not else", async () => {
    const [hub, web] = await hubWithMember([{ member: "web", register: ["web.*"] }]);
    await web.register("web.page", () => null);
    expect(await rejection(web.register("billing", () => null))).toMatchObject(
      denied("register", "billing"),
    );
    expect(await rejection(web.route({ pattern: "**", to: "web.page" }))).toMatchObject(
      denied("route", "**"),
    );
    expect(hub.stats.refused).toBe(2);
    expect(web.stats.endpoints).toBe(1);
    // What was denied leaves its name free.
    await hub.register("billing", () => "ours");
  });

  test("lets members see which endpoints come and go", async () => {
    const [hub, web] = await hubWithMember([]);
    const heard: string[] = [];
    await web.watch(({ kind, endpoint: { name } }) => heard.push(`${kind} ${name}`));
    await hub.register("any", () => null);
    await until(() => heard.length === 1);
    expect(heard).toEqual(["up any"]);
  });

  test("does nothing to its own process", async () => {
    const [hub] = await hubWithMember([]);
    await hub.register("own", () => 1);
    await hub.route({ pattern: "**", to: "own" });
    expect(await hub.request("whatever")).toBe(1);
  });
});

test("an endpoint answers only the callers that it names, and the hub's own process", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  const [worker, web, admin] = await Promise.all(
    ["worker", "web", "admin.1"].map(async (name) => opened({ name, join })),
  );
  await worker?.register("restart", () => "done", { callers: ["admin.*"] });
  expect(await admin?.request("restart")).toBe("done");
  expect(await hub.request("restart")).toBe("done");
  expect(await rejection(web?.request("restart") ?? Promise.resolve())).toMatchObject(
    denied("call", "restart"),
  );
});
