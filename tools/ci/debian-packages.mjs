import { run } from "../setup/process.mjs";

/** What tests use of the system, by the program that shows that it is there. Without them these tests are skipped. */
const PACKAGES = { bwrap: "bubblewrap" };
const INSTALL = ["install", "--yes", "--no-install-recommends"];
const PATIENCE_MS = 60_000;

/** Installs what is missing, where that is permitted; says in one line what could not be. */
export async function installDebianPackages() {
  const programs = Object.keys(PACKAGES);
  const found = await Promise.all(programs.map((program) => run(program, ["--version"])));
  const missing = Object.values(PACKAGES).filter((_, at) => found[at]?.code !== 0);
  if (missing.length === 0 || (await installed(missing))) return;
  process.stdout.write(`could not install ${missing.join(", ")}: the tests of it are skipped\n`);
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<boolean>}
 */
async function installed(names) {
  if (process.getuid?.() !== 0) return false;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, signal };
  const install = () => run("apt-get", [...INSTALL, ...names], options);
  if ((await install()).code === 0) return true;
  return (await run("apt-get", ["update"], options)).code === 0 && (await install()).code === 0;
}
