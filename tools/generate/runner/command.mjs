import { setUp } from "../../setup/set-up.mjs";
import { repositoryRoot } from "../../setup/root.mjs";
import { generate, generatorNames } from "./generate.mjs";

/**
 * `npm run generate [-- --check] [-- name…]`
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  await setUp({ pythonTools: "required" });
  const write = !args.includes("--check");
  const names = chosenNames(await generatorNames(repositoryRoot), args);
  let count = 0;
  for (const name of names) {
    const differences = await generate(repositoryRoot, name, { write });
    count += differences.length;
    for (const { kind, path } of differences) {
      process.stdout.write(`${name}: ${path} ${write ? "written, it was" : "is"} ${kind}\n`);
    }
  }
  process.stdout.write(
    `${names.length} generators, ${count} files ${write ? "written" : "out of date"}\n`,
  );
  return write || count === 0 ? 0 : 1;
}

/**
 * @param {readonly string[]} known
 * @param {readonly string[]} args
 * @returns {readonly string[]}
 */
function chosenNames(known, args) {
  const asked = args.filter((argument) => argument !== "--check");
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`Cannot generate ${unknown}: the generators are ${known.join(", ")}`);
  }
  return asked.length > 0 ? asked : known;
}
