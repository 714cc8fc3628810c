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
import { dirname, join } from "node:path";

import { buildFolder, sourceFolder, unsupported } from "./place.ts";

/** What is compiled from `native/` in one call of the compiler. */
export interface Target {
  readonly file: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
  /** @default that of `CC`, else cc */
  readonly compiler?: string;
}

/**
 * What was built, or why it was not. "unavailable": this machine lacks something; "failed": the sources do not compile.
 */
export type BuildOutcome =
  | { readonly kind: "built"; readonly path: string }
  | { readonly kind: "unavailable" | "failed"; readonly reason: string };

/** Compiles what is not there yet. The result appears whole or not at all, whoever else builds at the same time. */
export function compile(target: Target): BuildOutcome {
  const impossible = unsupported();
  if (impossible !== undefined) return { kind: "unavailable", reason: impossible };
  const compiler = target.compiler ?? process.env["CC"] ?? "cc";
  const path = join(buildFolder(), target.file);
  const stamp = `${path}.sha256`;
  const digest = digestOf(compiler, target);
  if (existsSync(path) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) {
    return { kind: "built", path };
  }
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}-${digest.slice(0, 8)}`;
  const made = run(compiler, [...target.flags, ...target.sources, "-o", draft]);
  if (made.error !== undefined || made.status !== 0) return explain(compiler, target, made.stderr);
  renameSync(draft, path);
  writeFileSync(stamp, digest);
  return { kind: "built", path };
}

function run(compiler: string, args: readonly string[], input = ""): ReturnType<typeof spawnSync> {
  return spawnSync(compiler, args, { cwd: sourceFolder(), encoding: "utf8", input });
}

/** A compiler that builds nothing at all with these flags lacks something; else the sources are to blame. */
function explain(compiler: string, { file, flags }: Target, messages: unknown): BuildOutcome {
  const smallest = "#include <stdint.h>\nint main(void) { return 0; }\n";
  const tried = run(compiler, [...flags, "-x", "c", "-", "-o", "/dev/null"], smallest);
  if (tried.error !== undefined) {
    return { kind: "unavailable", reason: `no C compiler (${compiler}) found` };
  }
  if (tried.status === 0) {
    return {
      kind: "failed",
      reason: `${compiler} cannot compile ${file}: ${firstError(messages)}`,
    };
  }
  return {
    kind: "unavailable",
    reason: `${compiler} lacks something: ${firstError(tried.stderr)}`,
  };
}

function firstError(messages: unknown): string {
  const lines = String(messages).trim().split("\n");
  return lines.find((line) => line.includes("error")) ?? lines[0] ?? "";
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
