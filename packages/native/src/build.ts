#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { type BuildOutcome, compile } from "./compile.ts";

/** The ring and what it needs, which knows neither Node nor Python. */
export const RING: readonly string[] = [
  "ring.c",
  "ring_wait.c",
  "spin.c",
  "liveness.c",
  "futex.c",
  "doorbell.c",
];
const BINDING = ["node.c", "node_region.c", "node_descriptor.c", "node_ring.c", "node_watch.c"];
const EXTENSION = [
  "python.c",
  "python_ring.c",
  "python_exchange.c",
  "python_msgpack.c",
  "python_pack.c",
  "python_unpack.c",
  "python_frame.c",
  "python_fatal.c",
  "fatal.c",
  "python_guard.c",
  "guard_paths.c",
  "python_guard_hosts.c",
  "guard_hosts.c",
  "python_confine.c",
  "confine_files.c",
  "confine_processes.c",
];
const EVENTS = ["watch.c", "ring_watch.c", "listener.c", "handle.c"];
/** What the system gives. Of the files for one system the others make nothing. */
export const SYSTEM: readonly string[] = [
  "region.c",
  "region_linux.c",
  "region_apple.c",
  "descriptor.c",
  "peer.c",
];
export const WARNINGS: readonly string[] = ["-std=c11", "-Wall", "-Wextra", "-Werror"];
const SHARED = ["-shared", "-fPIC", "-O2", "-fvisibility=hidden", ...WARNINGS];

/** The addon for Node. @param flags how it is compiled, and into which file */
export function buildNode(flags: readonly string[] = SHARED, file = "amphis.node"): BuildOutcome {
  const headers = nodeHeaders();
  if (headers === undefined) {
    return unavailable("the headers of Node-API are missing; install node-api-headers");
  }
  const sources = [...BINDING, ...EVENTS, ...RING, ...SYSTEM];
  return compile({ file, sources, flags: [...flags, `-I${headers}`] });
}

/** The program that ties a child to the life of its parent. */
export function buildLauncher(): BuildOutcome {
  const sources = ["launch.c", "death.c"];
  return compile({ file: "amphis-launch", sources, flags: ["-O2", ...WARNINGS] });
}

/**
 * The extension for CPython 3.10 and later. @param python an interpreter with its headers; any supported version does
 * @param flags how it is compiled, and into which file
 */
export function buildPython(
  python: string,
  flags: readonly string[] = SHARED,
  file = "_core.abi3.so",
): BuildOutcome {
  const asked = spawnSync(python, ["-c", "import sysconfig; print(sysconfig.get_path('include'))"]);
  const headers = asked.status === 0 ? asked.stdout.toString().trim() : "";
  if (headers === "" || !existsSync(join(headers, "Python.h"))) {
    return unavailable(`the headers of Python are missing: ${python} knows no Python.h`);
  }
  return compile({ file, sources: [...EXTENSION, ...RING], flags: [...flags, `-I${headers}`] });
}

function unavailable(reason: string): BuildOutcome {
  return { kind: "unavailable", reason };
}

/** From the package of headers, else from the running Node's own installation. */
function nodeHeaders(): string | undefined {
  const folders = [join(dirname(dirname(process.execPath)), "include", "node")];
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve("node-api-headers/package.json");
    folders.unshift(join(dirname(manifest), "include"));
  } catch {
    // Not installed: then Node's own headers serve.
  }
  return folders.find((folder) => existsSync(join(folder, "node_api.h")));
}

/** `node dist/build.js`: everything for this machine, one line each; AMPHIS_PYTHON names the interpreter. */
function main(): void {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  for (const outcome of [buildNode(), buildLauncher(), buildPython(python)]) {
    if (outcome.kind === "built") process.stdout.write(`built ${outcome.path}\n`);
    else process.stderr.write(`${outcome.kind} ${outcome.reason}\n`);
    if (outcome.kind !== "built") process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
