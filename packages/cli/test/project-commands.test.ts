import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { Project } from "./project.ts";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = "def fit(rows, steps=10): ...\ndef score(rows): ...\n";
const SECOND = "def fit(rows, tolerance, steps=10): ...\ndef rank(rows): ...\n";

test("what is configured is locked, installed, verified, repaired and updated", async () => {
  const project = new Project();
  project.publish("learn", "1.0", FIRST);
  project.configure({ learn: { version: ">=1", pure: { "sc*": true } } });

  const missing = await project.amphis(["lock", "--check"]);
  expect(missing).toMatchObject({ status: 1, stdout: "" });
  expect(missing.stderr).toContain("+ learn>=1");
  const frozen = await project.amphis(["install"], { CI: "true" });
  expect(frozen.status).toBe(1);
  expect(frozen.stderr).toContain("ENVIRONMENT_LOCK_STALE");

  expect(await project.amphis(["lock"])).toEqual({
    status: 0,
    stdout: "default: amphis.lock was written; commit it\n  learn 1.0\n",
    stderr: "",
  });
  expect(readdirSync(join(project.folder, ".amphis/environments/default"))).toEqual([]);
  expect(await project.amphis(["lock", "--check", "--json"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"state": "kept"'),
  });
  const installed = await project.amphis(["install"], { CI: "true" });
  expect(installed).toMatchObject({ status: 0, stderr: "" });
  expect(installed.stdout).toMatch(/^default {2}one package {2}Python 3\.\S+ {2}\.amphis\//u);

  expect(await project.amphis(["verify"])).toMatchObject({
    status: 0,
    stdout: "default: as it should be\n",
  });
  const listed = await project.amphis(["install", "--json"]);
  const [{ python } = { python: "" }] = JSON.parse(listed.stdout) as { readonly python: string }[];
  const file = execFileSync(python, ["-c", "import learn; print(learn.__file__)"], {
    encoding: "utf8",
  }).trim();
  writeFileSync(file, "raise ValueError('changed')\n");
  const broken = await project.amphis(["verify"]);
  expect(broken.status).toBe(1);
  expect(broken.stdout).toContain("learn/__init__.py of learn has another size");
  expect(broken.stderr).toContain("amphis verify --repair");
  const repaired = await project.amphis(["verify", "--repair"]);
  expect(repaired).toMatchObject({ status: 0, stdout: expect.stringContaining("repaired") });
  expect(readFileSync(file, "utf8")).toBe(FIRST);

  project.publish("learn", "2.0", SECOND);
  mkdirSync(join(project.folder, "python-types"));
  writeFileSync(join(project.folder, "python-types/learn.d.ts"), "");
  const updated = await project.amphis(["update", "learn"]);
  expect(updated.status).toBe(0);
  expect(updated.stdout.split("\n")).toEqual([
    "default",
    "  learn  1.0 -> 2.0",
    "",
    "learn 1.0 -> 2.0: 3 breaking, 1 new, 0 changed",
    "  breaking  learn.fit    steps is positional argument 3, and was 2",
    "  breaking  learn.fit    tolerance is new and must be given",
    "  breaking  learn.score  learn.score is gone",
    "  the configuration names sc*, which that is about",
    "",
    "python-types has types of the version before: learn; run `npx amphis types`, and the compiler shows what is affected",
    "",
  ]);
  expect(await project.amphis(["update"])).toMatchObject({ stdout: "default: nothing is newer\n" });
});

test("wrong names are told with what there is", async () => {
  const project = new Project();
  const none = await project.amphis(["install"]);
  expect(none).toMatchObject({ status: 1, stdout: "" });
  expect(none.stderr).toContain("write an amphis.config.ts that names them in libraries");

  project.configure({ learn: { version: ">=1" } });
  const [environment, library] = await Promise.all([
    project.amphis(["lock", "-e", "other"]),
    project.amphis(["update", "lern"]),
  ]);
  expect(environment.status).toBe(2);
  expect(environment.stderr).toContain('no environment "other"; configured are default');
  expect(library.status).toBe(2);
  expect(library.stderr).toContain("did you mean learn?");
});

test("a configuration is shown, explained and checked", async () => {
  const project = new Project();
  const file = join(project.folder, "amphis.config.json");
  const pool = { workers: 2, env: { set: { TOKEN: "secret" } } };
  writeFileSync(file, JSON.stringify({ pools: { default: pool } }));
  const env = { AMPHIS__POOLS__DEFAULT__WORKERS: "4" };
  const [shown, explained, unsaid, unknown, right] = await Promise.all([
    project.amphis(["config"], env),
    project.amphis(["config", "explain", "pools.default.workers"], env),
    project.amphis(["config", "explain", "pools.default.graceMs"]),
    project.amphis(["config", "explain", "pools.default.wokers"]),
    project.amphis(["config", "check"]),
  ]);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    config: { pools: { default: { workers: 4, env: { set: { TOKEN: "***" } } } } },
  });
  expect(explained.stdout.split("\n").slice(0, 3)).toEqual([
    "pools.default.workers = 4",
    "  4 in AMPHIS__POOLS__DEFAULT__WORKERS",
    `  2 in ${file}:1:22`,
  ]);
  expect(unsaid.stdout).toContain("has its default");
  expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining("mean workers?") });
  expect(right).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing is wrong") });

  writeFileSync(file, '{\n  "pools": { "default": { "wokers": 2 } },\n  "libraries": 3\n}\n');
  const [wrong, asJson] = await Promise.all([
    project.amphis(["config", "check"]),
    project.amphis(["config", "check", "--json"]),
  ]);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain(`${file}:2:27`);
  expect(wrong.stderr).toContain('2 |   "pools": { "default": { "wokers": 2 } },');
  expect(wrong.stderr).toContain("did you mean workers?");
  expect(asJson.status).toBe(1);
  expect(JSON.parse(asJson.stdout)).toMatchObject([
    { path: "pools.default.wokers", line: 2 },
    { path: "libraries", line: 3 },
  ]);
});
