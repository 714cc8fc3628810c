/**
 * @typedef {object} BenchResult The line of JSON that every bench ends with.
 * @property {string} question
 * @property {unknown} machine
 * @property {Readonly<Record<string, number>>} ratios
 * @property {Readonly<Record<string, { max?: number, min?: number }>>} targets
 */

/**
 * Reads the result off the last line of what a bench printed.
 *
 * @param {string} question
 * @param {string} output
 * @returns {BenchResult}
 * @throws {Error} where the line is missing or incomplete.
 */
export function parseResult(question, output) {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  const result = parseJson(line);
  const problem = problemOf(question, result);
  if (problem !== undefined) {
    throw new Error(`Cannot read the result of bench ${question}: ${problem}`);
  }
  return /** @type {BenchResult} */ (result);
}

/**
 * @param {string} line
 * @returns {unknown}
 */
function parseJson(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} question
 * @param {unknown} result
 * @returns {string | undefined}
 */
function problemOf(question, result) {
  if (typeof result !== "object" || result === null || Array.isArray(result)) {
    return "its last line is not a JSON object";
  }
  const {
    question: named,
    machine,
    ratios,
    targets,
  } = /** @type {Record<string, unknown>} */ (result);
  if (named !== question) {
    return `its question is ${JSON.stringify(named)}`;
  }
  if (machine === undefined || machine === null) {
    return "it names no machine";
  }
  if (!isRecord(ratios) || Object.values(ratios).some((ratio) => typeof ratio !== "number")) {
    return "its ratios are not numbers by name";
  }
  if (!isRecord(targets)) {
    return "it has no targets";
  }
  const unmeasured = Object.keys(targets).find((name) => !(name in ratios));
  return unmeasured === undefined ? undefined : `target ${unmeasured} has no ratio`;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {BenchResult} result
 * @returns {string[]} One line for each target.
 */
export function formatTargets({ question, ratios, targets }) {
  return Object.entries(targets).map(([name, { max, min }]) => {
    const measured = ratios[name] ?? Number.NaN;
    const isMet = (max === undefined || measured <= max) && (min === undefined || measured >= min);
    const bounds = [
      max === undefined ? [] : [`at most ${max}`],
      min === undefined ? [] : [`at least ${min}`],
    ].flat();
    return `${isMet ? "met   " : "missed"}  ${question} ${name}: ${Number(measured.toPrecision(4))}, wanted ${bounds.join(" and ")}`;
  });
}
