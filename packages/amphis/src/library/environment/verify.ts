import { packagesFor } from "./build.ts";
import { lookAtExisting } from "./existing.ts";
import { failingImports } from "./health.ts";
import { type InstalledPackage, installedIn, problemsOf } from "./installed.ts";
import { pythonIn } from "./installer.ts";
import { askInterpreter } from "./interpreter.ts";
import { type LockedEnvironment, type LockedPackage, readLock } from "./lock.ts";
import { lockPathOf, openReady } from "./ready.ts";
import {
  type EnvironmentRequest,
  type OpenEnvironmentOptions,
  type Wanted,
  wantedOf,
} from "./request.ts";
import type { ToolSurroundings } from "./tool.ts";
import { surroundingsOf } from "./work.ts";

/** Something in an environment that is not as it should be. */
export interface EnvironmentProblem {
  /**
   * `unexpected`: it is there, and the lock does not name it. `outside`: a package claims a file that is not in the environment.
   * `requirement`: of an environment that is taken as it is.
   */
  readonly kind:
    | "missing"
    | "version"
    | "file"
    | "outside"
    | "unexpected"
    | "import"
    | "requirement"
    | "python";
  /** What it is about: a package, a module. */
  readonly subject: string;
  /** For people. */
  readonly text: string;
}

/** What a look at all of an environment found. */
export interface EnvironmentReport {
  readonly environment: string;
  readonly prefix: string | undefined;
  /** Empty when all is well. */
  readonly problems: readonly EnvironmentProblem[];
}

/** See `verifyEnvironment`. */
export async function verify(
  request: EnvironmentRequest,
  options: OpenEnvironmentOptions = {},
): Promise<EnvironmentReport> {
  const wanted = wantedOf(request);
  const surroundings = surroundingsOf(wanted, options);
  const { environment } = wanted;
  if (wanted.prefix !== undefined) {
    const problems = await problemsOfExisting(wanted, wanted.prefix, surroundings);
    return { environment, prefix: wanted.prefix, problems };
  }
  const locked = (await readLock(lockPathOf(wanted))).get(environment);
  const ready = await openReady(wanted, locked);
  if (locked === undefined || ready === undefined) {
    const text = "it is not made, or not as it is asked for now: open it";
    const problem = { kind: "python", subject: environment, text } as const;
    return { environment, prefix: undefined, problems: [problem] };
  }
  const problems = await problemsOfMade(wanted, locked, ready.prefix, surroundings);
  return { environment, prefix: ready.prefix, problems };
}

async function problemsOfExisting(
  wanted: Wanted,
  prefix: string,
  surroundings: ToolSurroundings,
): Promise<readonly EnvironmentProblem[]> {
  const found = await lookAtExisting(wanted, prefix, surroundings);
  const { python } = found.environment;
  return [
    ...found.problems.map(
      (text) => ({ kind: "requirement", subject: wanted.environment, text }) as const,
    ),
    ...(await fileProblems(found.installed, found.interpreter.prefix, surroundings.signal)),
    ...(await importProblems(wanted, python, surroundings)),
  ];
}

async function problemsOfMade(
  wanted: Wanted,
  locked: LockedEnvironment,
  prefix: string,
  surroundings: ToolSurroundings,
): Promise<readonly EnvironmentProblem[]> {
  const interpreter = await askInterpreter(pythonIn(prefix), surroundings).catch((error: Error) => {
    surroundings.signal?.throwIfAborted();
    return error;
  });
  if (interpreter instanceof Error) {
    return [{ kind: "python", subject: prefix, text: interpreter.message }];
  }
  const installed = await installedIn(
    interpreter.packages.filter((root) => root.startsWith(prefix)),
  );
  const packages = packagesFor(locked, interpreter);
  return [
    ...packageProblems(packages, installed),
    ...(await fileProblems(installed, prefix, surroundings.signal)),
    ...(await importProblems(wanted, pythonIn(prefix), surroundings)),
  ];
}

function packageProblems(
  packages: readonly LockedPackage[],
  installed: readonly InstalledPackage[],
): readonly EnvironmentProblem[] {
  const problems: EnvironmentProblem[] = [];
  const found = new Map(installed.map((each) => [each.name, each.version]));
  for (const { name: subject, version } of packages) {
    const there = found.get(subject);
    if (there === undefined) {
      problems.push({ kind: "missing", subject, text: `${subject} ${version} is not installed` });
    } else if (there !== version) {
      const text = `${subject} ${there} is installed, and the lock says ${version}`;
      problems.push({ kind: "version", subject, text });
    }
  }
  const named = new Set(packages.map(({ name }) => name));
  for (const { name: subject, version } of installed.filter(({ name }) => !named.has(name))) {
    const text = `${subject} ${version} is installed, and not in the lock`;
    problems.push({ kind: "unexpected", subject, text });
  }
  return problems;
}

const TEXTS = {
  missing: "is missing",
  size: "has another size",
  hash: "has another content",
  unlisted: "does not list the files of the package",
  outside: "is outside of the environment",
} as const;

async function fileProblems(
  installed: readonly InstalledPackage[],
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly EnvironmentProblem[]> {
  const problems: EnvironmentProblem[] = [];
  for (const each of installed) {
    for (const { path, reason } of await problemsOf(each, prefix, signal)) {
      const text = `${path} of ${each.name} ${TEXTS[reason]}`;
      const kind = reason === "outside" ? "outside" : "file";
      problems.push({ kind, subject: each.name, text });
    }
  }
  return problems;
}

async function importProblems(
  { modules }: Wanted,
  python: string,
  surroundings: ToolSurroundings,
): Promise<readonly EnvironmentProblem[]> {
  const failing = await failingImports(python, modules, surroundings);
  return failing.map(({ module: subject, reason }) => ({
    kind: "import",
    subject,
    text: `${subject} cannot be imported: ${reason}`,
  }));
}
