import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { expect, test, vi } from "vitest";

import { openEnvironment, readLock } from "../../src/library/environment/index.ts";
import { type Project, projectWith, temporaryFolder } from "./project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000 });

async function opened(project: Project, hardware: "note" | "ignore" = "ignore"): Promise<void> {
  const request = project.request({ dependencies: ["alpha"], hardware });
  await openEnvironment(request, { env: project.env });
}

/** Changes the text of the lock. */
function rewrite(project: Project, what: string | RegExp, by: string): void {
  const before = readFileSync(project.lockFile, "utf8");
  const after = before.replace(what, by);
  expect(after).not.toBe(before);
  writeFileSync(project.lockFile, after);
}

test("a lock that was made for another Python, platform or hardware is refused with advice", async () => {
  const project = projectWith();
  await opened(project, "note");
  const request = project.request({ dependencies: ["alpha"] });
  const whole = readFileSync(project.lockFile, "utf8");
  const attempt = async (what: RegExp, by: string, hardware?: "require"): Promise<unknown> => {
    writeFileSync(project.lockFile, whole);
    rewrite(project, what, by);
    const wish = hardware === undefined ? {} : { hardware };
    return rejection(openEnvironment({ ...request, ...wish }, { env: project.env }));
  };

  const platform = await attempt(/"platform": ".*"/u, '"platform": "plan9-mips"');
  if (!isAmphisError(platform, "ENVIRONMENT_LOCK_MISMATCH")) throw platform;
  expect(platform.what).toBe("platform");
  expect(platform.locked).toBe("plan9-mips");
  expect(platform.message).toContain("updateEnvironment");

  const python = await attempt(/"python": ".*"/u, '"python": "3.99"');
  if (!isAmphisError(python, "PYTHON_NOT_FOUND")) throw python;
  expect(python.message).toContain("3.99");

  const path = JSON.parse(whole) as {
    readonly environments: { readonly default: { readonly python: string } };
  };
  expect(path.environments.default.python).toMatch(/^3\.\d+$/u);

  const hardware = await attempt(/"hash": "sha256:.{4}/u, '"hash": "sha256:0000', "require");
  if (!isAmphisError(hardware, "ENVIRONMENT_LOCK_MISMATCH")) throw hardware;
  expect(hardware.what).toBe("hardware");
});

test("a Python that is named by its path must be the one of the lock", async () => {
  const project = projectWith();
  await opened(project);
  rewrite(project, /"python": ".*"/u, '"python": "3.99"');
  const python = process.env["AMPHIS_PYTHON"] ?? "/usr/bin/python3";

  const error = await rejection(
    openEnvironment(project.request({ dependencies: ["alpha"], python }), { env: project.env }),
  );

  if (!isAmphisError(error, "ENVIRONMENT_LOCK_MISMATCH")) throw error;
  expect(error.what).toBe("Python");
  expect(error.locked).toBe("Python 3.99");
});

test("a frozen lock is an error when requirements changed, and stays as it is", async () => {
  const project = projectWith();
  await opened(project);
  const before = readFileSync(project.lockFile, "utf8");
  const request = project.request({ dependencies: ["alpha<2", "omega"], frozen: true });

  const error = await rejection(openEnvironment(request, { env: project.env }));

  if (!isAmphisError(error, "ENVIRONMENT_LOCK_STALE")) throw error;
  expect(error.added).toEqual(["alpha<2", "omega"]);
  expect(error.removed).toEqual(["alpha"]);
  expect(readFileSync(project.lockFile, "utf8")).toBe(before);
});

test("a new requirement leaves the versions of the others as they were", async () => {
  const project = projectWith();
  const pinned = project.request({ dependencies: ["alpha<2"] });
  await openEnvironment(pinned, { env: project.env });

  const wider = project.request({ dependencies: ["alpha", "omega"] });
  const { packages } = await openEnvironment(wider, { env: project.env });

  expect(packages).toEqual([
    { name: "alpha", version: "1.0" },
    { name: "omega", version: "1.0" },
  ]);
});

const PACKAGE = { name: "alpha", version: "1.0", marker: "", hashes: [`sha256:${"a".repeat(64)}`] };
const ENTRY = {
  requirements: ["alpha"],
  requirementsHash: `sha256:${"0".repeat(64)}`,
  python: "3.11",
  platform: "any",
  resolvedBy: "uv 1.0",
  packages: [PACKAGE],
};

test.each([
  ["no JSON", "{", "JSON"],
  ["another format", { format: 2, environments: {} }, "format"],
  ["a list", [], "the file"],
  ["an option as a package", entryWith({ name: "--index-url=http://evil" }), "packages[0].name"],
  [
    "a line break in a version",
    entryWith({ version: "1.0\n-r /etc/passwd" }),
    "packages[0].version",
  ],
  ["a version that is none", entryWith({ version: "latest" }), "packages[0].version"],
  [
    "a condition that is none",
    entryWith({ marker: "os_name == 'x' --hash" }),
    "packages[0].marker",
  ],
  [
    "an address in a condition",
    entryWith({ marker: "; alpha @ http://evil" }),
    "packages[0].marker",
  ],
  ["a package without hashes", entryWith({ hashes: [] }), "packages[0].hashes"],
  ["a weak hash", entryWith({ hashes: ["md5:0123"] }), "packages[0].hashes[0]"],
  ["a package twice", { ...lockOf({ ...ENTRY, packages: [PACKAGE, PACKAGE] }) }, "twice"],
  ["the name of a folder above", { format: 1, environments: { "../x": ENTRY } }, "name"],
  ["a version of Python that is a path", lockOf({ ...ENTRY, python: "/tmp/python" }), "python"],
  ["conditions without end", entryWith({ marker: "(".repeat(4_000) }), "packages[0].marker"],
])("a lock with %s is refused, and the place is named", async (_, content, place) => {
  const path = join(temporaryFolder(), "amphis.lock");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));

  const error = await rejection(readLock(path));

  if (!isAmphisError(error, "ENVIRONMENT_LOCK_INVALID")) throw error;
  expect(error.reason).toContain(place);
  expect(error.path).toBe(path);
});

function lockOf(entry: unknown): object {
  return { format: 1, environments: { default: entry } };
}

function entryWith(fields: Partial<typeof PACKAGE>): object {
  return lockOf({ ...ENTRY, packages: [{ ...PACKAGE, ...fields }] });
}
