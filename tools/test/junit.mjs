import { noTests } from "./totals.mjs";

/**
 * Reads what pytest reports. A test whose set-up and teardown both fail counts once.
 *
 * @param {string} xml
 * @returns {import("./totals.mjs").Totals}
 */
export function parseJunit(xml) {
  const cases = [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
  /** @type {Map<string, import("./totals.mjs").Totals>} */
  const byName = new Map();
  for (const [, attributes = "", body = ""] of cases) {
    const name = `${attributeOf(attributes, "classname")}::${attributeOf(attributes, "name")}`;
    if (byName.get(name)?.failed !== 1) {
      byName.set(name, resultOf(name, body));
    }
  }
  return [...byName.values()].reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
      skips: [...sum.skips, ...one.skips],
    }),
    noTests,
  );
}

/**
 * @param {string} name
 * @param {string} body
 * @returns {import("./totals.mjs").Totals}
 */
function resultOf(name, body) {
  const skip = /<skipped\b([^>]*)>/.exec(body);
  if (/<(failure|error)\b/.test(body)) {
    return { ...noTests, failed: 1 };
  }
  return skip === null
    ? { ...noTests, passed: 1 }
    : { ...noTests, skipped: 1, skips: [`${name}: ${attributeOf(skip[1] ?? "", "message")}`] };
}

/**
 * @param {string} attributes
 * @param {string} name
 * @returns {string}
 */
function attributeOf(attributes, name) {
  const match = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes);
  return unescapeXml(match?.[1] ?? "");
}

/**
 * @param {string} text
 * @returns {string}
 */
function unescapeXml(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
