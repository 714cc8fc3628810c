import { join } from "node:path";

import { expect, test, vi } from "vitest";

import { Project } from "./project.ts";

vi.setConfig({ testTimeout: 120_000 });

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly text: string;
  readonly missing?: readonly string[];
  readonly advice?: string;
}

async function findings(
  project: Project,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, Finding>> {
  const { stdout } = await project.amphis(["doctor", "--json"], env);
  const all = JSON.parse(stdout) as readonly Finding[];
  return new Map(all.map((finding) => [finding.name, finding]));
}

test("amphis doctor tells of each level of isolation what this machine can enforce", async () => {
  const project = new Project();
  const [here, without, text] = await Promise.all([
    findings(project),
    findings(project, { AMPHIS_BWRAP: "/nonexistent/bwrap" }),
    project.amphis(["doctor"], { AMPHIS_BWRAP: "/nonexistent/bwrap" }),
  ]);
  for (const level of ["none", "guarded", "sandboxed"]) {
    const { state, missing, advice } = here.get(`isolation ${level}`) ?? { state: "absent" };
    expect(["good", "limited"]).toContain(state);
    // What is lacking is named, with what to do about it.
    expect(missing === undefined).toBe(state === "good");
    expect(advice === undefined).toBe(state === "good");
  }
  expect(here.get("isolation none")?.state).toBe("good");
  const sandboxed = without.get("isolation sandboxed");
  expect(sandboxed).toMatchObject({ state: "limited" });
  expect(sandboxed?.missing?.join()).toMatch(/install the package bubblewrap|Linux|native core/u);
  expect(text.stdout).toMatch(/^-- {2}isolation sandboxed\s+not on this machine/mu);
  expect(text.stdout).toMatch(/^isolation sandboxed: it needs /mu);
});

test("amphis doctor says so where the configuration asks for more isolation than there is", async () => {
  const project = new Project();
  const pools = { default: { isolation: "sandboxed" } };
  project.write("amphis.config.json", JSON.stringify({ pools }));
  const env = { AMPHIS_BWRAP: "/nonexistent/bwrap" };
  const found = await findings(project, env);
  expect(found.get("Python")).toMatchObject({
    state: "missing",
    advice: expect.stringContaining("Cannot isolate workers as sandboxed") as string,
  });
  expect(found.get("isolation sandboxed")).toMatchObject({ state: "limited" });
  expect((await project.amphis(["doctor"], env)).status).toBe(1);
});

test("amphis doctor tells how environments and their lock stand, and makes nothing", async () => {
  const project = new Project();
  project.publish("learn", "1.0", "def fit(): ...\n");
  project.configure({ learn: { version: ">=1" } });
  const config = join(project.folder, "amphis.config.json");
  const fresh = await findings(project);
  expect(fresh.get("configuration")).toMatchObject({ state: "good", text: config });
  expect(fresh.get("environment default")).toMatchObject({
    state: "limited",
    text: "amphis.lock is out of date: + learn>=1",
    advice: expect.stringContaining("npx amphis lock") as string,
  });
  await project.amphis(["lock"]);
  const locked = await findings(project);
  expect(locked.get("environment default")).toMatchObject({
    state: "limited",
    text: "locked, and not installed yet",
  });
  await project.amphis(["install"]);
  const ready = await findings(project);
  expect(ready.get("environment default")).toMatchObject({
    state: "good",
    text: expect.stringMatching(/^Python 3\.\S+, 1 package, as locked, in \.amphis\//u) as string,
  });
  expect(ready.get("Python")?.text).toContain(join(".amphis", "environments", "default"));
});
