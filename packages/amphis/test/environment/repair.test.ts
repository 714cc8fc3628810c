import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { describe, expect, test, vi } from "vitest";

import {
  openEnvironment,
  repairEnvironment,
  verifyEnvironment,
} from "../../src/library/environment/index.ts";
import { NO_UV, projectWith, uvPath } from "./project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000 });

/** Where packages are. */
function siteOf(prefix: string): string {
  const version = readdirSync(join(prefix, "lib")).find((name) => name.startsWith("python"));
  return join(prefix, "lib", version ?? "", "site-packages");
}

describe.each(["uv", "pip"] as const)("with %s", (tool) => {
  test("only packages that are broken are installed again", async ({ skip }) => {
    if (tool === "uv" && uvPath() === undefined) skip(NO_UV);
    const project = projectWith();
    const libraries = [{ package: "gamma", modules: ["alpha", "gamma"] }, { package: "omega" }];
    const request = project.request({ tool, libraries });
    const { prefix } = await openEnvironment(request, { env: project.env });
    const site = siteOf(prefix);
    const untouched = join(site, "omega", "mine.txt");
    writeFileSync(untouched, "not of the package");
    writeFileSync(join(site, "alpha", "__init__.py"), "VERSION = '9.9'\n");
    rmSync(join(site, "gamma", "__init__.py"));
    rmSync(join(site, "gamma-1.0.dist-info", "RECORD"));

    const report = await verifyEnvironment(request, { env: project.env });
    expect(report.problems.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "file alpha",
      "file gamma",
    ]);

    const repair = await repairEnvironment(request, { env: project.env });
    expect(repair.reinstalled).toEqual(["alpha", "gamma"]);
    expect(repair.isRemade).toBe(false);
    expect(repair.environment.prefix).toBe(prefix);
    expect(readFileSync(join(site, "alpha", "__init__.py"), "utf8")).toContain("2.0");
    expect(existsSync(untouched)).toBe(true);
    expect((await verifyEnvironment(request, { env: project.env })).problems).toEqual([]);
  });
});

test("an environment with more than the lock names, or with files outside of it, is made again", async () => {
  const project = projectWith();
  const request = project.request({ dependencies: ["alpha"] });
  const { prefix } = await openEnvironment(request, { env: project.env });
  const site = siteOf(prefix);
  const outside = join(project.folder, "outside.txt");
  writeFileSync(outside, "precious");
  cpSync(join(site, "alpha-2.0.dist-info"), join(site, "extra-1.0.dist-info"), { recursive: true });
  writeFileSync(join(site, "extra-1.0.dist-info", "METADATA"), "Name: extra\nVersion: 1.0\n");
  appendFileSync(join(site, "alpha-2.0.dist-info", "RECORD"), `${outside},,\n`);

  const repair = await repairEnvironment(request, { env: project.env });

  const kinds = new Set(repair.problems.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["unexpected", "outside"]));
  expect(repair.isRemade).toBe(true);
  expect(repair.environment.prefix).not.toBe(prefix);
  expect(existsSync(prefix)).toBe(false);
  expect(readFileSync(outside, "utf8")).toBe("precious");
});

test("a package that cannot be imported is named with what Python says, and nothing is kept", async () => {
  const project = projectWith();
  const libraries = [
    { package: "deadly", modules: ["deadly"] },
    { package: "broken", modules: ["broken"] },
    { package: "alpha", modules: ["alpha"] },
  ];

  const error = await rejection(
    openEnvironment(project.request({ libraries }), { env: project.env }),
  );

  if (!isAmphisError(error, "ENVIRONMENT_BROKEN")) throw error;
  expect(error.problems).toEqual([
    expect.stringMatching(/^deadly cannot be imported: Python ended.*SIGKILL/u),
    expect.stringMatching(/^broken cannot be imported: ModuleNotFoundError: .*not_there/u),
  ]);
  expect(existsSync(project.lockFile)).toBe(false);
});

test("an environment that is there already is checked, with what its packages need, and never changed", async () => {
  const project = projectWith();
  const { prefix } = await openEnvironment(project.request({ dependencies: ["delta", "beta"] }), {
    env: project.env,
  });
  rmSync(join(siteOf(prefix), "alpha-1.0.dist-info"), { recursive: true });
  const before = readdirSync(siteOf(prefix)).sort();
  const other = join(project.folder, "other");
  mkdirSync(other);

  const fine = { project: other, prefix, dependencies: ["omega ; os_name == 'none'"] };
  const taken = await openEnvironment(fine, { env: project.env });
  expect(taken.kind).toBe("existing");
  expect(taken.packages.map(({ name }) => name)).toEqual(["beta", "delta"]);

  const wishes = { project: other, prefix, dependencies: ["beta>=2", "omega", "delta"] };
  const error = await rejection(openEnvironment(wishes, { env: project.env }));
  if (!isAmphisError(error, "ENVIRONMENT_BROKEN")) throw error;
  expect(error.problems).toEqual([
    "alpha is not installed, which delta needs",
    "alpha<2 is not installed, which beta needs",
    "beta 1.0 is installed, and not >=2",
    "omega is not installed",
  ]);
  expect(await rejection(repairEnvironment(wishes))).toBeInstanceOf(TypeError);
  expect(readdirSync(siteOf(prefix)).sort()).toEqual(before);
  expect(readdirSync(other)).toEqual([]);
});
