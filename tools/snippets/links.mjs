import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/**
 * @typedef {object} BrokenLink
 * @property {string} target
 * @property {number} line
 * @property {string} reason
 */

/**
 * Lists the links of a Markdown file into this repository that lead nowhere. Addresses of other sites are not asked.
 *
 * @param {string} root
 * @param {string} path Relative to `root`.
 * @param {string} markdown
 * @returns {Promise<BrokenLink[]>}
 */
export async function brokenLinks(root, path, markdown) {
  /** @type {BrokenLink[]} */
  const broken = [];
  for (const { target, line } of linksOf(markdown)) {
    const reason = await problemOf(root, path, markdown, target);
    if (reason !== undefined) {
      broken.push({ target, line, reason });
    }
  }
  return broken;
}

/**
 * @param {string} markdown
 * @returns {{ target: string, line: number }[]}
 */
function linksOf(markdown) {
  const text = withoutCode(markdown);
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...text.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)];
  return [...inline, ...references]
    .map((match) => ({
      target: match[1] ?? "",
      line: text.slice(0, match.index).split("\n").length,
    }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/**
 * @param {string} markdown
 * @returns {string} The same lines, with the code in them blanked.
 */
function withoutCode(markdown) {
  const blank = (/** @type {string} */ code) => code.replace(/[^\n]/g, " ");
  return markdown
    .replace(/^(\s*)(`{3,}|~{3,})[\s\S]*?^\s*\2`*\s*$/gm, blank)
    .replace(/`[^`\n]+`/g, blank);
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} markdown
 * @param {string} target
 * @returns {Promise<string | undefined>}
 */
async function problemOf(root, path, markdown, target) {
  const [file = "", anchor] = target.split("#");
  const resolved = normalize(join(dirname(path), decodeURIComponent(file)));
  if (file !== "" && (resolved.startsWith("..") || !existsSync(join(root, resolved)))) {
    return "no such file";
  }
  if (anchor === undefined || (file !== "" && !file.endsWith(".md"))) {
    return undefined;
  }
  const text = file === "" ? markdown : await readFile(join(root, resolved), "utf8");
  return anchorsOf(text).has(anchor) ? undefined : "no such heading";
}

/**
 * Lists what a link can point to: the headings as hosts of Markdown name them, and explicit ids.
 *
 * @param {string} markdown
 * @returns {Set<string>}
 */
export function anchorsOf(markdown) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const anchors = new Set(
    [...markdown.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)].map((match) => match[1] ?? ""),
  );
  const withoutFences = markdown.replace(/^(`{3,}|~{3,})[\s\S]*?^\1\s*$/gm, "");
  for (const [, heading = ""] of withoutFences.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = slugOf(heading);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}

/**
 * @param {string} heading
 * @returns {string}
 */
function slugOf(heading) {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replaceAll(" ", "-");
}
