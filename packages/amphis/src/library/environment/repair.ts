import { build, packagesFor } from "./build.ts";
import type { Environment } from "./environment.ts";
import { broken } from "./failure.ts";
import { installedIn, listsItsFiles } from "./installed.ts";
import { pythonIn } from "./installer.ts";
import { askInterpreter } from "./interpreter.ts";
import { type LockedEnvironment, readLock } from "./lock.ts";
import { openEnvironment } from "./open.ts";
import { remove, type Stamp } from "./places.ts";
import { keyOf, lockPathOf, readyFor } from "./ready.ts";
import { type EnvironmentRequest, type OpenEnvironmentOptions, wantedToChange } from "./request.ts";
import { type EnvironmentProblem, verify } from "./verify.ts";
import { inTurn, type Work } from "./work.ts";

/** What a repair did. */
export interface EnvironmentRepair {
  readonly environment: Environment;
  /** What was wrong. */
  readonly problems: readonly EnvironmentProblem[];
  /** Packages that were installed again. */
  readonly reinstalled: readonly string[];
  /** Whether the whole environment was made again, in a new folder. */
  readonly isRemade: boolean;
}

/** Kinds that installing a package again puts right. */
const OF_PACKAGES: ReadonlySet<EnvironmentProblem["kind"]> = new Set([
  "missing",
  "version",
  "file",
]);

/** See `repairEnvironment`. */
export async function repair(
  request: EnvironmentRequest,
  options: OpenEnvironmentOptions = {},
): Promise<EnvironmentRepair> {
  const wanted = wantedToChange("repair", request);
  const found = await openEnvironment(request, { ...options, onProgress: undefined });
  const { problems } = await verify(request, options);
  if (problems.length === 0) {
    return { environment: found, problems, reinstalled: [], isRemade: false };
  }
  const names = brokenIn(problems);
  if (names.length > 0) {
    const environment = await inTurn(wanted, options, (work) => mend(work, names));
    const { problems: left } = await verify(request, options);
    if (left.length === 0) return { environment, problems, reinstalled: names, isRemade: false };
  }
  const environment = await inTurn(wanted, options, remake);
  const { problems: left } = await verify(request, options);
  if (left.length > 0) {
    const texts = left.map(({ text }) => text);
    throw broken(wanted, environment.prefix, texts);
  }
  return { environment, problems, reinstalled: [], isRemade: true };
}

/** Names of packages; none when that is not all that is wrong. Modules that do not import may be what comes of it. */
function brokenIn(problems: readonly EnvironmentProblem[]): readonly string[] {
  const others = problems.filter(({ kind }) => kind !== "import");
  if (!others.every(({ kind }) => OF_PACKAGES.has(kind))) return [];
  return [...new Set(others.map(({ subject }) => subject))].sort();
}

async function mend(work: Work, names: readonly string[]): Promise<Environment> {
  const { wanted, folder } = work;
  const { key, stamp, locked } = await present(work);
  const prefix = folder.prefixOf(stamp);
  const { installer } = await work.equip(locked.python);
  await folder.withdraw(key);
  const made = await askInterpreter(pythonIn(prefix), work.surroundings);
  for (const each of await installedIn(made.packages)) {
    // A tool that cannot see what belongs to a package refuses to replace it.
    if (names.includes(each.name) && !(await listsItsFiles(each))) await remove(each.info);
  }
  const packages = packagesFor(locked, made).filter(({ name }) => names.includes(name));
  await installer.install(prefix, packages, { again: true });
  await folder.stamp(key, stamp);
  const environment = await readyFor(wanted, locked);
  if (environment !== undefined) return environment;
  throw broken(wanted, prefix, ["its Python is gone; open it again"]);
}

async function remake(work: Work): Promise<Environment> {
  const { locked } = await present(work);
  // Its stamp takes the place of the one that is there, which is opened until then.
  return build(work, await work.equip(locked.python), locked);
}

interface Present {
  readonly key: string;
  readonly stamp: Stamp;
  readonly locked: LockedEnvironment;
}

/** What is there now that nobody else changes it. */
async function present({ wanted, folder }: Work): Promise<Present> {
  const locked = (await readLock(lockPathOf(wanted))).get(wanted.environment);
  const key = locked === undefined ? "" : keyOf(locked);
  const stamp = locked === undefined ? undefined : await folder.stampOf(key);
  if (locked !== undefined && stamp !== undefined) return { key, stamp, locked };
  throw broken(wanted, folder.path, ["it was taken away while it was looked at; open it again"]);
}
