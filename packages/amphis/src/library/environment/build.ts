import { checkFit } from "./choose.ts";
import type { Environment } from "./environment.ts";
import { broken, toolFailed } from "./failure.ts";
import { failingImports } from "./health.ts";
import { installedIn } from "./installed.ts";
import { pythonIn } from "./installer.ts";
import { askInterpreter, type Interpreter } from "./interpreter.ts";
import type { LockedEnvironment, LockedPackage } from "./lock.ts";
import { holds, parseMarker } from "./marker.ts";
import { remove } from "./places.ts";
import { environmentOf, keyOf } from "./ready.ts";
import type { Equipment, Work } from "./work.ts";

/** The packages of a lock that this Python needs. */
export function packagesFor(
  { packages }: LockedEnvironment,
  { markers }: Pick<Interpreter, "markers">,
): readonly LockedPackage[] {
  return packages.filter(({ marker }) => {
    const condition = marker === "" ? undefined : parseMarker(marker);
    return condition === undefined || holds(condition, markers);
  });
}

/**
 * Makes the environment that a lock describes, in a new folder, and puts its stamp there once all is well.
 *
 * @throws {AmphisError} whatever went wrong; the folder is gone then
 */
export async function build(
  work: Work,
  equipment: Equipment,
  locked: LockedEnvironment,
): Promise<Environment> {
  const { wanted, folder, turn, onProgress, signal } = work;
  const { interpreter, installer } = equipment;
  const notes = await checkFit(wanted, locked, interpreter);
  const key = keyOf(locked);
  const prefix = folder.newPrefix(key);
  const packages = packagesFor(locked, interpreter);
  try {
    await installer.make(prefix);
    if (packages.length > 0) await installer.install(prefix, packages);
    onProgress({ kind: "checking", what: "packages" });
    await checkInstalled(work, prefix, packages, installer.name);
    await checkImports(work, prefix);
    signal?.throwIfAborted();
    if (!(await turn.isMine())) {
      throw broken(wanted, prefix, ["another process took over while it was made; open it again"]);
    }
    const stamp = {
      folder: prefix.slice(folder.path.length + 1),
      python: interpreter.version,
      base: interpreter.executable,
      asked: wanted.pythonPath ?? "",
      packages: packages.map(({ name, version }) => ({ name, version })),
    };
    await folder.stamp(key, stamp);
    await folder.clean();
    return environmentOf(wanted, prefix, stamp, notes);
  } catch (error) {
    await remove(prefix);
    throw error;
  }
}

/** A setting of the tool may have put packages elsewhere, which it calls a success. */
async function checkInstalled(
  { wanted, surroundings }: Work,
  prefix: string,
  packages: readonly LockedPackage[],
  tool: string,
): Promise<void> {
  const made = await askInterpreter(pythonIn(prefix), surroundings);
  const installed = await installedIn(made.packages.filter((root) => root.startsWith(prefix)));
  const found = new Set(installed.map(({ name, version }) => `${name}==${version}`));
  const missing = packages
    .map(({ name, version }) => `${name}==${version}`)
    .filter((each) => !found.has(each));
  if (missing.length === 0) return;
  const stderr = `it said that it did, and ${missing.join(", ")} is not there: see whether its own configuration names another target`;
  throw toolFailed(wanted, tool, { exitCode: 0, stdout: "", stderr });
}

async function checkImports(
  { wanted, surroundings, onProgress }: Work,
  prefix: string,
): Promise<void> {
  const { modules } = wanted;
  if (modules.length === 0) return;
  onProgress({ kind: "checking", what: "imports" });
  const problems = await failingImports(pythonIn(prefix), modules, surroundings);
  if (problems.length === 0) return;
  const texts = problems.map(({ module, reason }) => `${module} cannot be imported: ${reason}`);
  throw broken(wanted, prefix, texts);
}
