import { elapsed } from "../setup/progress.mjs";
import { placesOf } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";
import { noTests } from "../test/totals.mjs";

/**
 * `npm run check [-- name…] [-- --write] [-- --verbose]`: runs every check, also after one has failed.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const { python } = await setUp({ pythonTools: "required", build: "optional" });
  const { passed, failed } = await runChecks(args, python);
  process.stdout.write(`checks: ${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {readonly string[]} args Names of checks, none for all; `--write` to bring up to date what can be.
 * @param {string} python
 * @returns {Promise<import("../test/totals.mjs").Totals>}
 */
export async function runChecks(args, python) {
  const { checks } = await import("./checks.mjs"); // needs packages that the set-up has installed
  const chosen = chosenChecks(
    checks,
    args.filter((argument) => !argument.startsWith("--")),
  );
  const context = { places: placesOf(), python, write: args.includes("--write") };
  /** @type {import("../test/totals.mjs").Told[]} */
  const failures = [];
  for (const check of chosen) {
    if (!(await passes(check, context))) {
      failures.push({ file: "npm run check", name: check.name, why: "see its output" });
    }
  }
  const failed = failures.length;
  return { ...noTests, passed: chosen.length - failed, failed, failures };
}

/**
 * @param {readonly import("./step.mjs").Check[]} checks
 * @param {readonly string[]} names
 * @returns {readonly import("./step.mjs").Check[]}
 */
function chosenChecks(checks, names) {
  const unknown = names.find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined) {
    const known = checks.map((check) => check.name).join(", ");
    throw new Error(`Cannot check ${unknown}: the checks are ${known}`);
  }
  return names.length === 0 ? checks : checks.filter((check) => names.includes(check.name));
}

/**
 * @param {import("./step.mjs").Check} check
 * @param {import("./step.mjs").CheckContext} context
 * @returns {Promise<boolean>}
 */
async function passes(check, context) {
  const started = performance.now();
  const { ok, output } = await check
    .run(context)
    .catch((error) => ({ ok: false, output: `${error.message}\n` }));
  process.stdout.write(`${ok ? "✓" : "✗"} ${check.name}  ${elapsed(started)}\n`);
  if (!ok) {
    process.stdout.write(output.replace(/^(?=.)/gm, "    "));
  }
  return ok;
}
