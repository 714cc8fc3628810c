import { join } from "node:path";

import { loadConfig } from "amphis/config";
import {
  type EnvironmentProgress,
  openEnvironment,
  updateLibraries,
  type UpdateProgress,
} from "amphis/library";
import { expect, test, vi } from "vitest";

import { makeWheels, projectWith } from "../../environment/project.ts";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = `
def fit(rows, steps=10): ...
def score(rows): ...
class Model:
    def predict(self, rows): ...
`;
const SECOND = `
def fit(rows, *, tolerance, steps=10): ...
def score(rows): ...
def rank(rows): ...
class Model: ...
`;

function version(number: string, code: string): readonly object[] {
  return [
    { name: "learn", version: number, files: { "learn/__init__.py": code } },
    { name: "plain", version: number },
  ];
}

test("an update names what breaks programs, and which members of the project that is about", async () => {
  const project = projectWith(version("1.0", FIRST) as []);
  const config = {
    libraries: {
      ml: { package: "Learn", module: "learn", pure: { score: true, "Model.*": {}, rank: false } },
      learn: { version: ">=1", include: ["fit", "sc*"], batching: { score: {} } },
      plain: { version: ">=1" },
    },
  };
  const inUse = (await loadConfig({ config, env: {} })).librariesInUse(["ml", "learn", "plain"]);
  expect(inUse.map(({ members }) => members)).toEqual([
    ["score", "Model.*"],
    ["fit", "sc*", "score"],
    [],
  ]);
  const request = project.request({ libraries: inUse.map((each) => ({ package: each.package })) });
  await openEnvironment(request, { env: project.env });
  makeWheels(project.wheels, version("2.0", SECOND) as []);
  const told: UpdateProgress["kind"][] = [];
  const discovery = { cacheFolder: join(project.folder, "models") };

  const update = await updateLibraries(request, inUse, {
    env: project.env,
    packages: ["learn"],
    discovery,
    onProgress: ({ kind }) => void told.push(kind),
  });

  expect(update.changes).toEqual([{ name: "learn", kind: "upgraded", from: "1.0", to: "2.0" }]);
  expect(update.libraries.map(({ name }) => name)).toEqual(["ml", "learn"]);
  const [ml, learn] = update.libraries;
  expect(ml?.comparison?.breaking.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
    "learn.Model.predict removed",
    "learn.fit parameter-kind",
    "learn.fit parameter-required",
  ]);
  expect(ml?.comparison?.added.map(({ path }) => path)).toContain("learn.rank");
  expect(ml?.comparison).toMatchObject({ from: "1.0", to: "2.0" });
  expect([ml?.affected, learn?.affected]).toEqual([["Model.*"], ["fit"]]);
  expect(told.indexOf("done" satisfies EnvironmentProgress["kind"])).toBeLessThan(
    told.indexOf("discovered"),
  );
});

test("a library that cannot be described, or was not there before, says why", async () => {
  const project = projectWith(version("1.0", FIRST) as []);
  const request = project.request({ libraries: [{ package: "learn" }] });
  await openEnvironment(request, { env: project.env });
  makeWheels(project.wheels, version("2.0", SECOND) as []);
  const wrong = [{ name: "learn", package: "learn", module: "lern" }];
  const update = await updateLibraries(request, wrong, { env: project.env });
  expect(update.libraries).toEqual([
    {
      name: "learn",
      comparison: undefined,
      failure: expect.stringContaining("no such module"),
      affected: [],
    },
  ]);
});
