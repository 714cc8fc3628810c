import { spawnSync } from "node:child_process";

import { isAmphisError } from "@amphis/protocol";
import { type Bus, openBus } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";

import { rejection, until } from "../wait.ts";
import { Child } from "./child.ts";
import { usePrograms } from "./programs.ts";
import { atEnd, bystanders, clear, folder, opened } from "./stage.ts";

const programs = usePrograms("member", "listen");

afterEach(clear);

describe("a hub without descriptors left", () => {
  it("refuses whoever is too many with a typed error, serves the others, and takes new ones when some leave", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = Child.withDescriptors(64, programs.member);
    await hub.ask({ act: "open", options: { listen: address, name: "hub" } });
    await hub.ask({ act: "register", name: "hub.echo", does: "echo" });
    const others = await bystanders(address);
    const joined: Bus[] = [];
    const refused: unknown[] = [];
    while (refused.length < 10) {
      const attempt = await openBus({ join: address, name: "crowd", reconnect: false }).catch(
        (error: unknown) => error,
      );
      if (isBus(attempt)) joined.push(kept(attempt));
      else refused.push(attempt);
    }
    expect(joined.length).toBeGreaterThan(10);
    expect(joined.length).toBeLessThan(64);
    for (const error of refused) {
      expect(isAmphisError(error) && error.code).toMatch(/^(CONNECTION_CLOSED|CONNECT_FAILED)$/);
    }
    const answers = await Promise.all(joined.map(async (bus, n) => bus.request("hub.echo", n)));
    expect(answers).toEqual(joined.map((_, n) => n));
    await Promise.all(joined.splice(0, 5).map(async (bus) => bus.close()));
    let late: unknown;
    // The hub hears of those who left in its own time.
    await until(() => others.asked() > 0);
    for (let tries = 0; tries < 200 && !isBus(late); tries += 1) {
      late = await openBus({ join: address, name: "late" }).catch((error: unknown) => error);
    }
    if (!isBus(late)) throw late;
    kept(late);
    expect(await late.request("hub.echo", "late")).toBe("late");
    expect(await others.stop()).toEqual([]);
  });
});

describe("a bus that cannot have its socket", () => {
  it("fails with LISTEN_FAILED when there is no such folder", async () => {
    const error = await rejection(openBus({ listen: `unix:${folder()}/none/hub.sock` }));
    expect(error).toMatchObject({
      code: "LISTEN_FAILED",
      context: { reason: expect.stringMatching(/none does not exist$/) },
    });
  });

  it("fails with LISTEN_FAILED when a file that is no socket is in the way", async () => {
    const error = await rejection(openBus({ listen: `unix:${programs.member}` }));
    expect(error).toMatchObject({
      code: "LISTEN_FAILED",
      context: { reason: "there is a file that is no socket" },
    });
  });

  it("listens on none of its addresses when one of them fails", async () => {
    const path = `${folder()}/hub.sock`;
    const none = `unix:${folder()}/none/hub.sock`;
    const error = await rejection(openBus({ listen: [`unix:${path}`, none] }));
    expect(error).toMatchObject({ code: "LISTEN_FAILED" });
    expect(await rejection(openBus({ join: `unix:${path}` }))).toMatchObject({
      code: "CONNECT_FAILED",
    });
    await opened({ listen: `unix:${path}` });
  });

  /** Runs the program with a disk of its own, mounted as told. */
  function onDisk(mount: string): { readonly code: string; readonly reason: string } | undefined {
    const script = `mkdir -p "$2" && ${mount} && exec "$0" "$1" "unix:$2/hub.sock"`;
    const { status, stdout } = spawnSync(
      "unshare",
      ["-rm", "sh", "-c", script, process.execPath, programs.listen, `${folder()}/disk`],
      { encoding: "utf8" },
    );
    return status === 0 ? JSON.parse(stdout) : undefined;
  }

  const mayMount = spawnSync("unshare", ["-rm", "true"]).status === 0;
  if (!mayMount) console.log("skipped: this user may not mount a disk of its own");

  it.runIf(mayMount).each([
    ["full", `mount -t tmpfs -o nr_inodes=1 none "$2"`, /ENOSPC/],
    ["read-only", `mount -t tmpfs -o ro none "$2"`, /EROFS|EACCES/],
  ])("fails with LISTEN_FAILED when the disk is %s", (_, mount, reason) => {
    expect(onDisk(mount)).toEqual({
      code: "LISTEN_FAILED",
      reason: expect.stringMatching(reason),
    });
  });
});

function isBus(value: unknown): value is Bus {
  return typeof value === "object" && value !== null && "request" in value;
}

/** Is closed at the end of the test. */
function kept(bus: Bus): Bus {
  atEnd(async () => bus.close());
  return bus;
}
