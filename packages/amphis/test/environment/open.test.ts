import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { describe, expect, test, vi } from "vitest";

import {
  type EnvironmentProgress,
  openEnvironment,
  readLock,
} from "../../src/library/environment/index.ts";
import { cleanEnv, makeWheels, NO_UV, projectWith, uvPath } from "./project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000 });

/** The quicker one, for what only needs a lock. */
const QUICK = uvPath() === undefined ? "pip" : "uv";

describe.each(["uv", "pip"] as const)("an environment made by %s", (tool) => {
  test("has the packages of its lock, opens again without running anything, and is made elsewhere from the cache alone", async ({
    skip,
  }) => {
    if (tool === "uv" && uvPath() === undefined) skip(NO_UV);
    const project = projectWith();
    const events: EnvironmentProgress[] = [];
    const onProgress = (event: EnvironmentProgress): void => void events.push(event);
    const delta = { package: "Delta", version: ">=1", extras: ["fast"], modules: ["delta"] };
    const request = project.request({ tool, libraries: [delta] });

    const made = await openEnvironment(request, { env: project.env, onProgress });

    expect(made.packages).toEqual([
      { name: "alpha", version: "2.0" },
      { name: "delta", version: "1.0" },
      { name: "gamma", version: "1.0" },
    ]);
    const printed = execFileSync(made.python, ["-c", "import alpha; print(alpha.VERSION)"]);
    expect(String(printed).trim()).toBe("2.0");
    expect(dirname(made.prefix)).toBe(join(project.folder, ".amphis", "environments", "default"));
    expect(readFileSync(join(project.folder, ".amphis", ".gitignore"), "utf8")).toBe("*\n");
    const kinds = events.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(
      new Set([
        "resolving",
        "resolved",
        ...(tool === "pip" ? ["downloading"] : []),
        "installing",
        "checking",
        "done",
      ]),
    );
    const downloading = events.filter((event) => event.kind === "downloading");
    expect(downloading.map((event) => event.package)).toEqual(
      tool === "pip"
        ? made.packages.map((each) => `${each.name}-${each.version}-py3-none-any.whl`)
        : [],
    );
    const installing = events.filter((event) => event.kind === "installing");
    expect(installing.map(({ index, total }) => `${index}/${total}`)).toEqual([
      "1/3",
      "2/3",
      "3/3",
    ]);

    // Neither Python nor a tool can be found now.
    const again = await openEnvironment(request, { env: {}, offline: true });
    expect(again).toEqual(made);

    const lock = readFileSync(project.lockFile);
    const other = project.beside("other", lock);
    // uv knows files of folders by their path; what comes from an index it knows by name.
    const folders = tool === "uv" ? request.folders : [];
    const elsewhere = { ...request, project: other, folders, useIndexes: true };
    const cached = await openEnvironment(elsewhere, { env: project.env, offline: true });
    expect(cached.packages).toEqual(made.packages);
    expect(readFileSync(join(other, "amphis.lock"))).toEqual(lock);
  });

  test("explains a conflict before anything is installed", async ({ skip }) => {
    if (tool === "uv" && uvPath() === undefined) skip(NO_UV);
    const project = projectWith();
    const request = project.request({ tool, dependencies: ["beta", "gamma"] });

    const error = await rejection(openEnvironment(request, { env: project.env }));

    if (!isAmphisError(error, "ENVIRONMENT_CONFLICT")) throw error;
    expect(error.explanation).toMatch(/beta.*alpha\s?<2/su);
    expect(error.explanation).toMatch(/gamma.*alpha\s?>=2/su);
    expect(existsSync(project.lockFile)).toBe(false);
    expect(readdirSync(join(project.folder, ".amphis", "environments", "default"))).toEqual([]);
  });

  test("refuses a wheel that is not the one that was locked, and names what an empty cache lacks", async ({
    skip,
  }) => {
    if (tool === "uv" && uvPath() === undefined) skip(NO_UV);
    const project = projectWith([{ name: "alpha", version: "2.0" }]);
    const request = project.request({ dependencies: ["alpha"] });
    const { prefix } = await openEnvironment({ ...request, tool: QUICK }, { env: project.env });
    rmSync(join(project.folder, ".amphis"), { recursive: true });
    const files = { "alpha/__init__.py": "VERSION = 'tampered'" };
    makeWheels(project.wheels, [{ name: "alpha", version: "2.0", files }]);
    // With the other cache, the wheel that was locked would be installed.
    const env = cleanEnv(join(project.folder, "empty"));

    // A lock of pip is for one platform, and one of uv for all: both can be installed by either here.
    const error = await rejection(openEnvironment({ ...request, tool }, { env }));
    if (!isAmphisError(error, "ENVIRONMENT_HASH_MISMATCH")) throw error;
    expect(error.packages).toEqual(["alpha==2.0"]);

    const alone = { ...request, tool, folders: [], useIndexes: true };
    const missing = await rejection(openEnvironment(alone, { env, offline: true }));
    if (!isAmphisError(missing, "ENVIRONMENT_OFFLINE")) throw missing;
    expect(missing.missing).toEqual(["alpha==2.0"]);
    expect(readdirSync(dirname(prefix))).toEqual([]);
  });

  test("says that no index answers, without the password in its address", async ({ skip }) => {
    if (tool === "uv" && uvPath() === undefined) skip(NO_UV);
    const project = projectWith([]);
    const env = { ...project.env, PRIVATE: "http://user:s3cret@127.0.0.1:9/simple" };
    const quick = { PIP_RETRIES: "1", UV_HTTP_RETRIES: "0" };
    const request = project.request({
      tool,
      dependencies: ["alpha"],
      useIndexes: true,
      indexes: ["PRIVATE"],
    });

    const error = await rejection(openEnvironment(request, { env: { ...env, ...quick } }));

    if (!isAmphisError(error, "ENVIRONMENT_OFFLINE")) throw error;
    expect(error.missing).toEqual(["alpha"]);
    expect(`${error.message}${JSON.stringify(error.context)}`).not.toContain("s3cret");
  });
});

test("both tools write the same packages into the lock, and no address", async ({ skip }) => {
  if (uvPath() === undefined) skip(NO_UV);
  const project = projectWith();
  const dependencies = ["delta>=1", "beta ; python_version < '3'"];

  await openEnvironment(project.request({ tool: "uv", dependencies, name: "by-uv" }), {
    env: project.env,
  });
  await openEnvironment(project.request({ tool: "pip", dependencies, name: "by-pip" }), {
    env: project.env,
  });

  const lock = await readLock(project.lockFile);
  const [one, other] = [lock.get("by-uv"), lock.get("by-pip")];
  const here = one?.packages.filter(({ marker }) => !marker.includes("== 'win32'"));
  expect(here?.map((each) => ({ ...each, marker: "" }))).toEqual(other?.packages);
  expect(one?.requirements).toEqual(["beta ; python_version < '3'", "delta>=1"]);
  expect(other?.requirementsHash).toBe(one?.requirementsHash);
  expect(readFileSync(project.lockFile, "utf8")).not.toMatch(/file:|https?:|\/wheels/u);
});

test("packages of the public index are installed from any of their files that fits", async ({
  skip,
}) => {
  const project = projectWith([]);
  const libraries = [{ package: "six", version: ">=1.16,<2", modules: ["six"] }];
  const request = project.request({ libraries, folders: [], useIndexes: true });
  const env = { ...project.env, UV_HTTP_RETRIES: "0", PIP_RETRIES: "1" };

  const opened = await openEnvironment(request, { env }).catch((error: unknown) => {
    if (!isAmphisError(error, "ENVIRONMENT_OFFLINE")) throw error;
  });

  if (opened === undefined) return skip("the public package index cannot be reached");
  expect(opened.packages.map(({ name }) => name)).toEqual(["six"]);
  const locked = (await readLock(project.lockFile)).get("default");
  expect(locked?.packages[0]?.hashes).toHaveLength(QUICK === "uv" ? 2 : 1);
});
