import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test, vi } from "vitest";

import { openPython } from "amphis";

import { Project } from "./project.ts";

vi.setConfig({ testTimeout: 120_000 });

const TASKS = `import os
print("it ran")

def tidy(folder):
    os.system("ls " + folder)
`;

/** Two modules of the project itself, one of which starts a process. */
function project(required?: "dangerous" | "all"): Project {
  const made = new Project();
  made.write("python/tasks.py", TASKS);
  made.write("python/plain.py", "def half(number):\n    return number / 2\n");
  const policies = required === undefined ? {} : { approval: { required } };
  const libraries = { jobs: { module: "tasks", alias: "t" }, plain: {} };
  const pools = { default: { path: "python" } };
  made.write("amphis.config.json", JSON.stringify({ libraries, pools, policies }));
  return made;
}

test("a review shows what the code of a library does, where, and runs none of it", async () => {
  const made = project();
  const [text, asJson, alias, module] = await Promise.all([
    made.amphis(["review", "jobs"]),
    made.amphis(["review", "jobs", "--json"]),
    made.amphis(["review", "t", "--json"]),
    made.amphis(["review", "json", "--json"]),
  ]);
  expect(text).toMatchObject({ status: 0, stderr: "" });
  expect(text.stdout).toMatch(/^jobs {2}pending$/mu);
  expect(text.stdout).toContain("processes 1");
  expect(text.stdout).toMatch(/^ {2}tasks\.py:5 {2}uses os\.system$/mu);
  expect(text.stdout).not.toContain("it ran");
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    library: "jobs",
    module: "tasks",
    state: "pending",
    counts: { processes: 1 },
    findings: [{ kind: "processes", file: "tasks.py", line: 5 }],
  });
  expect(JSON.parse(alias.stdout)).toMatchObject({ library: "jobs" });
  // Of Python itself, there are no files of a package.
  expect(module).toMatchObject({ status: 1, stdout: "" });
  expect(module.stderr).toContain("LIBRARY_NOT_FOUND");
});

test("what is required is pending until somebody approves it, and again when its code changes", async () => {
  const made = project("dangerous");
  const config = join(made.folder, "amphis.config.json");
  const python = process.env["AMPHIS_PYTHON"];
  const open = (): Promise<AsyncDisposable> =>
    openPython({ config, workers: 1, ...(python === undefined ? {} : { python }) });
  await expect(open()).rejects.toMatchObject({ code: "APPROVAL_REQUIRED", library: "jobs" });

  const pending = await made.amphis(["approvals"]);
  expect(pending.status).toBe(1);
  expect(pending.stdout).toMatch(/^jobs {3}- {2}[\da-f]{16} {2}pending {12}processes 1$/mu);
  expect(pending.stdout).toMatch(/^plain .* needs no approval {2}nothing dangerous$/mu);
  expect(pending.stderr).toContain("npx amphis approve LIBRARY");

  const { stdout } = await made.amphis(["review", "jobs", "--json"]);
  const { fingerprint } = JSON.parse(stdout) as { readonly fingerprint: string };
  const [other, approved] = [
    await made.amphis(["approve", "jobs", "--fingerprint", "0123456789"]),
    await made.amphis([
      "approve",
      "jobs",
      "--fingerprint",
      fingerprint.slice(0, 16),
      "--by",
      "Ada",
      "--reason",
      "only lists a folder",
    ]),
  ];
  expect(other.status).toBe(2);
  expect(other.stderr).toContain(`its fingerprint is ${fingerprint}`);
  expect(approved).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("approved by Ada, ") as string,
  });
  expect(await made.amphis(["approvals"])).toMatchObject({ status: 0 });
  const record = JSON.parse(
    readFileSync(join(made.folder, "amphis.approvals.json.log"), "utf8"),
  ) as object;
  expect(record).toMatchObject({ action: "approve", library: "jobs", by: "Ada", fingerprint });
  const py = await open();
  onTestFinished(() => py[Symbol.asyncDispose]());

  writeFileSync(join(made.folder, "python/tasks.py"), `${TASKS}# more\n`);
  const changed = await made.amphis(["approvals", "--json"]);
  expect(changed.status).toBe(1);
  expect(JSON.parse(changed.stdout)).toMatchObject([
    { library: "jobs", state: "changed", isOpen: true, decision: { by: "Ada", fingerprint } },
    { library: "plain", state: "pending", isOpen: false },
  ]);
  const text = await made.amphis(["approvals"]);
  expect(text.stdout).toContain("changed since Ada approved it, ");
});

test("what was rejected stays refused, and who rejects says why", async () => {
  const made = project("all");
  const [silent, unknown] = await Promise.all([
    made.amphis(["reject", "plain"]),
    made.amphis(["approve", "plan"]),
  ]);
  expect(silent).toMatchObject({ status: 2, stdout: "" });
  expect(silent.stderr).toContain("--reason");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("did you mean plain?");

  const rejected = await made.amphis(["reject", "plain", "--reason", "not needed", "--json"]);
  expect(JSON.parse(rejected.stdout)).toMatchObject({
    library: "plain",
    state: "rejected",
    decision: { reason: "not needed" },
    file: join(made.folder, "amphis.approvals.json"),
  });
  await made.amphis(["approve", "jobs"]);
  const listed = await made.amphis(["approvals"]);
  expect(listed.status).toBe(1);
  expect(listed.stdout).toMatch(/^plain .*rejected by .*: not needed {2}nothing dangerous$/mu);

  const file = join(made.folder, "amphis.approvals.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("rejected", "approved"));
  const forged = await made.amphis(["approvals"]);
  expect(forged).toMatchObject({ status: 1, stdout: "" });
  expect(forged.stderr).toContain("APPROVALS_INVALID");
});

test("where nothing requires approvals, they are listed all the same, with a word about that", async () => {
  const made = project();
  const listed = await made.amphis(["approvals"]);
  expect(listed.status).toBe(1);
  expect(listed.stderr).toContain("policies.approval.required is not set");
  const none = await new Project().amphis(["approvals"]);
  expect(none.status).toBe(1);
  expect(none.stderr).toContain("CONFIG_NOT_FOUND");
});
