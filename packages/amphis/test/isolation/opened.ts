import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";
import { openPython, type Python, type PythonOptions } from "amphis";
import { onTestFinished } from "vitest";

import { findPython, isolationSupport } from "../../src/worker/index.ts";

export const HERE: string = fileURLToPath(new URL(".", import.meta.url));
export const CANARY = "the canary";

/** Why nothing can be sandboxed here; undefined where it can. */
export async function whyNoSandbox(): Promise<string | undefined> {
  const { path: python } = await findPython();
  const { isSandboxed, missing } = await isolationSupport({ python });
  return isSandboxed ? undefined : `no sandbox on this machine: ${missing.join("; ")}`;
}

/** A Python with the attempts of `escape.py`, which ends with its test. */
export async function opened(options: PythonOptions): Promise<Python> {
  const py = await openPython({
    config: false,
    workers: 1,
    path: HERE,
    onLog: () => {},
    ...options,
  });
  onTestFinished(() => py.close());
  return py;
}

/** A folder outside of every sandbox, with a secret in it. */
export function secretFolder(): { readonly folder: string; readonly secret: string } {
  const folder = mkdtempSync(join(tmpdir(), "amphis-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const secret = join(folder, "secret.txt");
  writeFileSync(secret, CANARY);
  return { folder, secret };
}

/** The rule of the policy that denied it; fails where it was not denied. */
export async function ruleOf(attempt: PromiseLike<unknown>): Promise<string> {
  try {
    const got = await attempt;
    return `not denied, got ${String(got)}`;
  } catch (error) {
    if (isAmphisError(error, "POLICY_DENIED")) return error.rule;
    return `not denied, ${error instanceof Error ? error.message : String(error)}`;
  }
}
