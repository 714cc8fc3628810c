/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 *
 * @typedef {Record<string, LockedPackage>} LockedPackages By folder.
 */

/**
 * Adds the binaries of other platforms that npm left out because its registry did not carry them. Without them, npm
 * calls the lockfile out of date on every platform. The version is the one that the owner pins; there is no checksum,
 * as nobody here has seen the file.
 *
 * @param {LockedPackages} packages The `packages` of a lockfile; changed in place, and sorted.
 * @returns {string[]} The folders that were added.
 * @throws {Error} where a missing package is not pinned, or its name does not tell its platform.
 */
export function completeLockfile(packages) {
  const added = missingOptionalPackages(packages).map(({ owner, name, version }) => {
    const folder = `node_modules/${name}`;
    const { os, cpu, libc } = platformOf(name);
    packages[folder] = {
      version: exact(name, version), // the fields stand in npm's order, so that npm leaves the file as it is
      cpu,
      ...(packages[owner]?.dev === true ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc }),
      optional: true,
      os,
    };
    return folder;
  });
  const entries = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en"));
  for (const folder of Object.keys(packages)) {
    delete packages[folder];
  }
  Object.assign(packages, Object.fromEntries(entries));
  return added;
}

/**
 * @param {LockedPackages} packages
 * @returns {{ owner: string, name: string, version: string }[]}
 */
export function missingOptionalPackages(packages) {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, owner, name))
      .map(([name, version]) => ({ owner, name, version })),
  );
}

/**
 * @param {LockedPackages} packages
 * @param {string} owner
 * @param {string} name
 * @returns {boolean}
 */
function isLocked(packages, owner, name) {
  return `${owner}/node_modules/${name}` in packages || `node_modules/${name}` in packages;
}

/**
 * @param {string} name
 * @param {string} version
 * @returns {string}
 */
function exact(name, version) {
  if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
    throw new Error(
      `Cannot complete the lockfile: ${name} is wanted as ${version}, which is not one version`,
    );
  }
  return version;
}

const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];

/** @type {Readonly<Record<string, string>>} What packages call a processor, and what Node calls it. */
const processors = {
  aarch64: "arm64",
  arm: "arm",
  arm64: "arm64",
  armv7: "arm",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  x64: "x64",
};

/**
 * @param {string} name Such as `@oxlint/binding-linux-arm64-musl`.
 * @returns {{ os: string[], cpu: string[], libc?: string[] }}
 */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = words.flatMap((word) => processors[word] ?? []);
  if (os.length !== 1 || cpu.length !== 1) {
    throw new Error(`Cannot complete the lockfile: the name of ${name} does not tell its platform`);
  }
  const abi = words.at(-1) ?? "";
  const libc = abi.startsWith("gnu") ? ["glibc"] : abi.startsWith("musl") ? ["musl"] : undefined;
  return os[0] === "linux" && libc !== undefined ? { os, cpu, libc } : { os, cpu };
}
