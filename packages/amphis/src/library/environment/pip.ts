import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { conflict, hashMismatch, offlineError, saidBy, toolFailed } from "./failure.ts";
import {
  formatPackages,
  type Installer,
  type InstallerContext,
  namedIn,
  pythonIn,
} from "./installer.ts";
import type { LockedPackage } from "./lock.ts";
import { normalizeName, parseRequirement } from "./requirement.ts";
import { runTool, type ToolEnd } from "./tool.ts";
import type { WheelStore } from "./wheel-store.ts";

const NO_NETWORK = /after connection broken by|Could not fetch URL|Temporary failure in name/u;
const NO_FILE = /No matching distribution found/u;
const NO_VERSIONS = /\(from versions: none\)/u;

/**
 * Environments made by pip and `venv`: a lock for the platform that it was made on, as pip tells the hashes of no other files.
 *
 * What pip keeps by itself is of no use without an index, so that what was downloaded is kept in a store of wheels.
 */
export class PipInstaller implements Installer {
  readonly name = "pip";
  readonly version: string;
  readonly #context: InstallerContext;
  readonly #store: WheelStore;

  constructor(version: string, context: InstallerContext, store: WheelStore) {
    this.version = version;
    this.#context = context;
    this.#store = store;
  }

  get platform(): string {
    return this.#context.interpreter.platform;
  }

  async resolve(
    requirements: readonly string[],
    preferred: readonly LockedPackage[],
  ): Promise<readonly LockedPackage[]> {
    const { work, offline } = this.#context;
    const [input, report] = [join(work, "requirements.in"), join(work, "report.json")];
    await writeFile(input, `${requirements.join("\n")}\n`);
    const kept = offline ? await this.#store.folders() : [];
    const ask = (constraints: readonly string[]): Promise<ToolEnd> =>
      this.#pip([
        "install",
        "--dry-run",
        "--ignore-installed",
        "--report",
        report,
        "--requirement",
        input,
        ...constraints,
        ...kept.flatMap((folder) => ["--find-links", folder]),
        ...this.#sources(),
      ]);
    let end = preferred.length > 0 ? await ask(await this.#constraints(preferred)) : undefined;
    if (end?.exitCode !== 0) end = await ask([]);
    if (end.exitCode !== 0) throw this.#resolveFailed(end, requirements);
    return this.#parseReport(await readFile(report, "utf8"));
  }

  async make(prefix: string): Promise<void> {
    const { interpreter, env, signal, work } = this.#context;
    const args = ["-m", "venv", "--without-pip", prefix];
    const end = await runTool(interpreter.executable, args, { env, cwd: work, signal });
    if (end.exitCode !== 0) throw toolFailed(this.#context, "venv", end);
  }

  async install(
    prefix: string,
    packages: readonly LockedPackage[],
    { again = false }: { readonly again?: boolean } = {},
  ): Promise<void> {
    await this.#download(await this.#store.missing(packages));
    this.#tellOf(packages);
    let end = await this.#installStored(prefix, packages, again);
    if (end.exitCode !== 0 && NO_FILE.test(end.stderr) && !this.#context.offline) {
      // Of a package that has files for several Pythons, another one may have been stored.
      await this.#download(packages);
      end = await this.#installStored(prefix, packages, again);
    }
    if (end.exitCode !== 0) throw this.#installFailed(end, packages);
  }

  async #installStored(
    prefix: string,
    packages: readonly LockedPackage[],
    again: boolean,
  ): Promise<ToolEnd> {
    const stored = await this.#store.folders(packages);
    const list = await this.#write("packages.txt", packages);
    return this.#pip(
      [
        "install",
        "--no-deps",
        "--require-hashes",
        "--requirement",
        list,
        ...stored.flatMap((folder) => ["--find-links", folder]),
        ...(again ? ["--force-reinstall"] : []),
        // Building from source needs packages that no lock names.
        ...(this.#context.builds ? this.#sources() : ["--no-index", "--only-binary", ":all:"]),
      ],
      { target: prefix },
    );
  }

  async #download(packages: readonly LockedPackage[]): Promise<void> {
    if (packages.length === 0) return;
    const { onProgress } = this.#context;
    await this.#store.add(async (folder) => {
      const list = await this.#write("missing.txt", packages);
      const args = ["download", "--no-deps", "--require-hashes", "--requirement", list];
      const end = await this.#pip([...args, "--dest", folder, ...this.#sources()], {
        onLine: (line) => {
          const [, what] = /^(?:Collecting|Processing) (\S+)/u.exec(line) ?? [];
          if (what !== undefined) onProgress({ kind: "downloading", package: basename(what) });
        },
      });
      if (end.exitCode !== 0) throw this.#installFailed(end, packages);
    });
  }

  /** pip tells of all packages at once. */
  #tellOf(packages: readonly LockedPackage[]): void {
    for (const [at, { name, version }] of packages.entries()) {
      const index = at + 1;
      const progress = { package: `${name}==${version}`, index, total: packages.length };
      this.#context.onProgress({ kind: "installing", ...progress });
    }
  }

  async #write(name: string, packages: readonly LockedPackage[]): Promise<string> {
    const path = join(this.#context.work, name);
    await writeFile(path, formatPackages(packages));
    return path;
  }

  async #constraints(preferred: readonly LockedPackage[]): Promise<readonly string[]> {
    const path = join(this.#context.work, "constraints.txt");
    const lines = preferred.map(({ name, version, marker }) =>
      marker === "" ? `${name}==${version}\n` : `${name}==${version} ; ${marker}\n`,
    );
    await writeFile(path, lines.join(""));
    return ["--constraint", path];
  }

  #pip(
    args: readonly string[],
    { target, onLine }: { readonly target?: string; readonly onLine?: (line: string) => void } = {},
  ): Promise<ToolEnd> {
    const { interpreter, env, signal, work } = this.#context;
    const start = ["-m", "pip", ...(target === undefined ? [] : ["--python", pythonIn(target)])];
    const common = [
      "--no-input",
      "--disable-pip-version-check",
      "--no-color",
      "--progress-bar",
      "off",
    ];
    // Python looks for modules in the folder that it is started in: this one holds none.
    return runTool(interpreter.executable, [...start, ...args, ...common], {
      env,
      cwd: work,
      signal,
      onLine,
    });
  }

  #sources(): readonly string[] {
    const { folders, useIndexes, builds, offline } = this.#context;
    return [
      ...folders.flatMap((folder) => ["--find-links", folder]),
      ...(useIndexes && !offline ? [] : ["--no-index"]),
      ...(builds ? [] : ["--only-binary", ":all:"]),
    ];
  }

  #parseReport(text: string): readonly LockedPackage[] {
    const { install = [] } = JSON.parse(text) as {
      readonly install?: readonly {
        readonly metadata: { readonly name: string; readonly version: string };
        readonly download_info: {
          readonly archive_info?: { readonly hashes?: Readonly<Record<string, string>> };
        };
      }[];
    };
    const packages = install.map(({ metadata, download_info: { archive_info: archive } }) => ({
      name: normalizeName(metadata.name),
      version: metadata.version,
      marker: "",
      hashes:
        archive?.hashes?.["sha256"] === undefined ? [] : [`sha256:${archive.hashes["sha256"]}`],
    }));
    return packages.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #resolveFailed(end: ToolEnd, requirements: readonly string[]): Error {
    const said = saidBy({ ...end, stderr: `${explanationIn(end.stdout)}${end.stderr}` });
    const names = requirements.map((each) => ({ name: parseRequirement(each).package }));
    const isOffline = this.#context.offline && NO_VERSIONS.test(said);
    if (NO_NETWORK.test(said) || isOffline) {
      return offlineError(this.#context, missingOf(said, names), said);
    }
    return /ResolutionImpossible|No matching distribution found/u.test(said)
      ? conflict(this.#context, "pip", said)
      : toolFailed(this.#context, "pip", end);
  }

  #installFailed(end: ToolEnd, packages: readonly LockedPackage[]): Error {
    const said = saidBy(end);
    if (/DO NOT MATCH THE HASHES/u.test(said)) {
      return hashMismatch(this.#context, missingOf(said, packages), said);
    }
    const { offline, useIndexes } = this.#context;
    const isAlone = offline || !useIndexes;
    if (NO_NETWORK.test(said) || (isAlone && NO_FILE.test(said))) {
      return offlineError(this.#context, missingOf(said, packages), said);
    }
    return toolFailed(this.#context, "pip", end);
  }
}

/** pip says on its standard output which package needs which. */
function explanationIn(stdout: string): string {
  const at = stdout.indexOf("The conflict is caused by:");
  return at < 0 ? "" : `${stdout.slice(at)}\n`;
}

function missingOf(
  said: string,
  packages: readonly { readonly name: string; readonly version?: string }[],
): readonly string[] {
  const named = namedIn(said, packages);
  return named.length > 0 ? named : packages.map(({ name }) => name);
}
