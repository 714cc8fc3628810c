import { findConfig, hasVariables, loadConfig, type LoadedConfig } from "amphis/config";

import {
  environmentStanding,
  type Finding,
  messageOf,
  nativeFinding,
  pythonFindings,
  toolFindings,
} from "../doctor/index.ts";
import type { ReadFlags } from "../flags.ts";
import { json, styled, table, type Terminal } from "../terminal.ts";

const MARKS = { good: "ok", limited: "--", missing: "no" } as const;
const STYLES = { good: "green", limited: "yellow", missing: "red" } as const;

/** `amphis doctor`. Nothing is installed. @returns the exit status: 1 where something is missing that everything needs */
export async function doctor(
  { python, json: asJson = false }: ReadFlags,
  terminal: Terminal,
): Promise<number> {
  const findings = [
    nodeFinding(),
    ...(await projectFindings(python)),
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

/** What is configured, whether it is there, and whether Python starts. */
async function projectFindings(python: string | undefined): Promise<readonly Finding[]> {
  const own = python === undefined ? {} : { python };
  const name = "configuration";
  const file = findConfig();
  if (file === undefined && !hasVariables(process.env)) {
    const finding: Finding = { name, state: "good", text: "none, which is fine" };
    return [finding, ...(await pythonFindings(own))];
  }
  const text = file ?? "variables that begin with AMPHIS__";
  let loaded: LoadedConfig;
  try {
    loaded = await loadConfig(file === undefined ? {} : { config: file });
  } catch (error) {
    const finding: Finding = { name, state: "missing", text, advice: messageOf(error) };
    return [finding, ...(await pythonFindings({ ...own, config: false }))];
  }
  const environments = await Promise.all(loaded.environments().map(environmentStanding));
  // What is not installed stays so: Python is tried without it.
  const isReady = environments.every((one) => one.python !== undefined);
  return [
    { name, state: "good", text },
    ...environments.map(({ finding }) => finding),
    ...(await pythonFindings(isReady ? own : { ...own, config: false })),
  ];
}
