import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { buildFolder, sourceFolder, unsupported } from "./place.ts";

/** What is compiled from `native/` in one call of the compiler. */
interface Target {
  readonly file: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

/** What was built, or why it was not. */
export type BuildOutcome =
  | { readonly kind: "built"; readonly path: string }
  | { readonly kind: "unavailable"; readonly reason: string };

const RING = ["ring.c", "futex.c", "doorbell.c"];
const NODE = ["node.c", "node_region.c", "node_descriptor.c", "node_ring.c", "watch.c", "handle.c"];
const WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"];
const SHARED = ["-shared", "-fPIC", "-O2", "-fvisibility=hidden", ...WARNINGS];
const SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const CHECKED = ["-g", "-O1", "-fno-omit-frame-pointer", ...SANITIZED, ...WARNINGS];

/** The addon for Node. */
export function buildNode(): BuildOutcome {
  const headers = nodeHeaders();
  if (headers === undefined) {
    return unavailable("the headers of Node-API are missing; install node-api-headers");
  }
  const sources = [...NODE, ...RING, "region.c", "descriptor.c", "peer.c"];
  return compile({ file: "amphis.node", sources, flags: [...SHARED, `-I${headers}`] });
}

/** The program that ties a child to the life of its parent. */
export function buildLauncher(): BuildOutcome {
  const sources = ["launch.c", "death.c"];
  return compile({ file: "amphis-launch", sources, flags: ["-O2", ...WARNINGS] });
}

/** The extension for CPython 3.10 and later. @param python an interpreter with its headers; any supported version does */
export function buildPython(python: string): BuildOutcome {
  const asked = spawnSync(python, ["-c", "import sysconfig; print(sysconfig.get_path('include'))"]);
  const headers = asked.status === 0 ? asked.stdout.toString().trim() : "";
  if (headers === "" || !existsSync(join(headers, "Python.h"))) {
    return unavailable(`the headers of Python are missing: ${python} knows no Python.h`);
  }
  const sources = ["python.c", ...RING];
  return compile({ file: "_core.abi3.so", sources, flags: [...SHARED, `-I${headers}`] });
}

/** The driver of the ring's fuzzer, with the sanitizers for addresses and undefined behaviour. */
export function buildFuzzer(): BuildOutcome {
  return compile({ file: "ring-fuzz", sources: ["fuzz/ring.c", ...RING], flags: CHECKED });
}

function unavailable(reason: string): BuildOutcome {
  return { kind: "unavailable", reason };
}

/** From the package of headers, else from the running Node's own installation. */
function nodeHeaders(): string | undefined {
  const folders = [join(dirname(dirname(process.execPath)), "include", "node")];
  try {
    const manifest = createRequire(import.meta.url).resolve("node-api-headers/package.json");
    folders.unshift(join(dirname(manifest), "include"));
  } catch {
    // Not installed: then Node's own headers serve.
  }
  return folders.find((folder) => existsSync(join(folder, "node_api.h")));
}

/** Compiles what is not there yet. The result appears whole or not at all, whoever else builds at the same time. */
function compile(target: Target): BuildOutcome {
  const impossible = unsupported();
  if (impossible !== undefined) return unavailable(impossible);
  const compiler = process.env["CC"] ?? "cc";
  const path = join(buildFolder(), target.file);
  const stamp = `${path}.sha256`;
  const digest = digestOf(compiler, target);
  if (existsSync(path) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) {
    return { kind: "built", path };
  }
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}-${digest.slice(0, 8)}`;
  const made = spawnSync(compiler, [...target.flags, ...target.sources, "-o", draft], {
    cwd: sourceFolder(),
    encoding: "utf8",
  });
  if (made.error !== undefined) {
    return unavailable(`no C compiler runs: ${compiler}: ${made.error.message}`);
  }
  if (made.status !== 0) {
    return unavailable(`${compiler} cannot compile ${target.file}: ${made.stderr.trim()}`);
  }
  renameSync(draft, path);
  writeFileSync(stamp, digest);
  return { kind: "built", path };
}

/** Of everything that the result depends on but the compiler's own version and the system's headers. */
function digestOf(compiler: string, target: Target): string {
  const hash = createHash("sha256").update(JSON.stringify([compiler, target]));
  const folder = sourceFolder();
  const headers = readdirSync(folder).filter((name) => name.endsWith(".h"));
  for (const name of [...target.sources, ...headers.sort()]) {
    hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

/** `node dist/build.js`: everything for this machine; AMPHIS_PYTHON names the interpreter. */
function main(): void {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  for (const outcome of [buildNode(), buildLauncher(), buildPython(python)]) {
    if (outcome.kind === "built") process.stdout.write(`${basename(outcome.path)}\n`);
    else process.stderr.write(`Cannot build native core: ${outcome.reason}\n`);
    if (outcome.kind === "unavailable") process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
