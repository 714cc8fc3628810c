import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { expect, test, vi } from "vitest";

import { findPython } from "../../src/worker/index.ts";
import {
  openEnvironment,
  pruneEnvironments,
  updateEnvironment,
} from "../../src/library/environment/index.ts";
import { makeWheels, projectWith, WHEELS } from "./project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000 });

test("an update tells which versions changed, keeps the old environment until it is pruned, and can be limited", async () => {
  const project = projectWith();
  const request = project.request({ dependencies: ["alpha", "omega"] });
  const before = await openEnvironment(request, { env: project.env });
  makeWheels(project.wheels, [
    { name: "alpha", version: "3.0", requires: ["sigma"] },
    { name: "sigma", version: "1.0" },
    { name: "omega", version: "1.1" },
  ]);

  // Nobody asked for anything new.
  expect(await openEnvironment(request, { env: project.env })).toEqual(before);
  const some = await updateEnvironment(request, { env: project.env, packages: ["Alpha"] });
  expect(some.changes).toEqual([
    { name: "alpha", kind: "upgraded", from: "2.0", to: "3.0" },
    { name: "sigma", kind: "added", from: undefined, to: "1.0" },
  ]);
  expect(some.previous).toEqual(before);
  const all = await updateEnvironment(request, { env: project.env });
  expect(all.changes).toEqual([{ name: "omega", kind: "upgraded", from: "1.0", to: "1.1" }]);
  expect(existsSync(before.python)).toBe(true);

  const removed = await pruneEnvironments({ project: project.folder }, { env: project.env });
  expect([...removed].sort()).toEqual([before.prefix, some.environment.prefix].sort());
  expect(existsSync(before.prefix)).toBe(false);
  expect(await openEnvironment(request, { env: {} })).toEqual(all.environment);
});

test("an update that fails leaves the lock and the environment as they were", async () => {
  const project = projectWith();
  const request = project.request({ libraries: [{ package: "alpha", modules: ["alpha"] }] });
  const before = await openEnvironment(request, { env: project.env });
  const lock = readFileSync(project.lockFile, "utf8");
  makeWheels(project.wheels, [
    { name: "alpha", version: "4.0", files: { "alpha/__init__.py": "raise ValueError('new')" } },
  ]);

  const error = await rejection(updateEnvironment(request, { env: project.env }));

  if (!isAmphisError(error, "ENVIRONMENT_BROKEN")) throw error;
  expect(readFileSync(project.lockFile, "utf8")).toBe(lock);
  expect(await openEnvironment(request, { env: {} })).toEqual(before);
});

test("two versions of a package live side by side in one project", async () => {
  const project = projectWith();
  const old = project.request({ name: "old", dependencies: ["alpha==1.0"] });
  const current = project.request({ name: "current", dependencies: ["alpha"] });

  const [one, other] = await Promise.all([
    openEnvironment(old, { env: project.env }),
    openEnvironment(current, { env: project.env }),
  ]);

  expect(one.packages).toEqual([{ name: "alpha", version: "1.0" }]);
  expect(other.packages).toEqual([{ name: "alpha", version: "2.0" }]);
  const lock = JSON.parse(readFileSync(project.lockFile, "utf8")) as {
    readonly environments: object;
  };
  expect(Object.keys(lock.environments)).toEqual(["current", "old"]);
  const entries = readdirSync(join(project.folder, ".amphis", "environments"));
  expect(entries.filter((name) => !name.startsWith("turn."))).toEqual(["current", "old"]);
});

test("a Python that is nowhere is an error that tells where it was looked for", async () => {
  const project = projectWith(WHEELS);
  const request = project.request({ python: "3.99" });
  const error = await rejection(openEnvironment(request, { env: project.env }));
  if (!isAmphisError(error, "PYTHON_NOT_FOUND")) throw error;
  expect(error.message).toContain("3.99");
  expect(error.tried.length).toBeGreaterThan(1);
});

test("an environment has the version of Python that it asks for", async ({ skip }) => {
  const project = projectWith();
  const here = await findPython({ env: project.env });
  const others = ["3.10", "3.11", "3.12", "3.13"].filter((each) => !here.version.startsWith(each));
  for (const python of others) {
    const request = project.request({ python, dependencies: ["alpha"] });
    const opened = await openEnvironment(request, { env: project.env }).catch((error: unknown) => {
      if (!isAmphisError(error, "PYTHON_NOT_FOUND")) throw error;
    });
    if (opened === undefined) continue;
    expect(opened.version.startsWith(`${python}.`)).toBe(true);
    expect(JSON.parse(readFileSync(project.lockFile, "utf8"))).toMatchObject({
      environments: { default: { python } },
    });
    return;
  }
  skip("there is only one version of Python on this machine");
});
