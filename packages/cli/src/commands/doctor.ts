import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { openPython } from "amphis";
import { findConfig, loadConfig } from "amphis/config";

import type { ReadFlags } from "../flags.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

/** One thing that was looked at. */
interface Finding {
  readonly name: string;
  /** Good, worse than it could be, or missing where nothing works without it. */
  readonly state: "good" | "limited" | "missing";
  readonly text: string;
  readonly advice?: string | undefined;
}

const MARKS = { good: "ok", limited: "--", missing: "no" } as const;
const STYLES = { good: "green", limited: "yellow", missing: "red" } as const;

/** `amphis doctor`. @returns the exit status: 1 where something is missing that everything needs */
export async function doctor(
  { python, json: asJson = false }: ReadFlags,
  terminal: Terminal,
): Promise<number> {
  const findings = [
    nodeFinding(),
    await configFinding(),
    ...(await pythonFindings(python)),
    await nativeFinding(),
    ...(await toolFindings()),
  ];
  if (asJson) terminal.write(json(findings));
  else {
    const rows = findings.map(({ name, state, text }) => [
      styled(terminal, STYLES[state], MARKS[state]),
      name,
      text,
    ]);
    terminal.write(table(rows));
    for (const { name, advice } of findings) {
      if (advice !== undefined) terminal.write(`\n${styled(terminal, "bold", name)}: ${advice}\n`);
    }
  }
  return findings.some(({ state }) => state === "missing") ? 1 : 0;
}

function nodeFinding(): Finding {
  const { version, platform, arch } = process;
  return { name: "Node", state: "good", text: `${version.slice(1)} on ${platform} ${arch}` };
}

async function configFinding(): Promise<Finding> {
  const file = findConfig();
  const name = "configuration";
  if (file === undefined) return { name, state: "good", text: "none, which is fine" };
  try {
    await loadConfig({ config: file });
    return { name, state: "good", text: file };
  } catch (error) {
    return { name, state: "missing", text: file, advice: messageOf(error) };
  }
}

/** A worker is started, so that what is said is what happens. */
async function pythonFindings(python: string | undefined): Promise<readonly Finding[]> {
  try {
    await using py = await openPython({ workers: 1, ...(python === undefined ? {} : { python }) });
    const version = await py.call<string>("platform:python_version");
    const figures = py.status();
    return [
      { name: "Python", state: "good", text: `${version} at ${figures.python}; a worker started` },
      figures.memory === undefined
        ? {
            name: "shared memory",
            state: "limited",
            text: "none: arrays and tables are copied",
            advice: "it needs the native core, on Linux",
          }
        : { name: "shared memory", state: "good", text: "arrays and tables are not copied" },
    ];
  } catch (error) {
    return [
      {
        name: "Python",
        state: "missing",
        text: "no worker could be started",
        advice: messageOf(error),
      },
    ];
  }
}

async function nativeFinding(): Promise<Finding> {
  const name = "native core";
  try {
    const { loadNative } = await import("@amphis/native");
    const native = loadNative();
    if (native.kind === "available") return { name, state: "good", text: native.folder };
    return { name, state: "limited", text: "not loaded: calls are slower", advice: native.reason };
  } catch (error) {
    return {
      name,
      state: "limited",
      text: "not installed: calls are slower",
      advice: messageOf(error),
    };
  }
}

const TOOLS = [
  { command: "uv", use: "makes environments; pip serves where it is missing" },
  { command: "bwrap", use: "isolation `sandboxed`" },
  { command: "nvidia-smi", use: "NVIDIA devices" },
] as const;

async function toolFindings(): Promise<readonly Finding[]> {
  return Promise.all(
    TOOLS.map(async ({ command, use }): Promise<Finding> => {
      const path = await whereIs(command);
      if (path === undefined) {
        return { name: command, state: "limited", text: `not found; for ${use}` };
      }
      return { name: command, state: "good", text: `${await versionOf(path)} for ${use}` };
    }),
  );
}

async function whereIs(command: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, command);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 10_000 });
    return stdout.trim().split("\n", 1)[0] ?? path;
  } catch {
    return path;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
