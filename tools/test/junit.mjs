import { addUp, noTests } from "./totals.mjs";

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
    const test = {
      file: attributeOf(attributes, "classname"),
      name: attributeOf(attributes, "name"),
    };
    const key = `${test.file}::${test.name}`;
    if (byName.get(key)?.failed !== 1) {
      byName.set(key, resultOf(test, body));
    }
  }
  return addUp([...byName.values()]);
}

/**
 * @param {{ file: string, name: string }} test
 * @param {string} body
 * @returns {import("./totals.mjs").Totals}
 */
function resultOf(test, body) {
  const [, kind, attributes = ""] = /<(failure|error)\b([^>]*)>/.exec(body) ?? skipOf(body) ?? [];
  const [why = ""] = attributeOf(attributes, "message").split("\n");
  switch (kind) {
    case undefined:
      return { ...noTests, passed: 1 };
    case "skipped":
      return { ...noTests, skipped: 1, skips: [{ ...test, why }] };
    default:
      return { ...noTests, failed: 1, failures: [{ ...test, why }] };
  }
}

/**
 * @param {string} body
 * @returns {RegExpExecArray | null}
 */
function skipOf(body) {
  return /<(skipped)\b([^>]*)>/.exec(body);
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
