/** A version as PEP 440 orders it. */
export interface Version {
  readonly text: string;
  readonly epoch: number;
  readonly release: readonly number[];
  /** Sorts as the standard says: development versions first, then alpha, beta, candidate, the release, and what comes after it. */
  readonly pre: readonly [number, number];
  readonly post: number;
  readonly dev: number;
  readonly local: readonly (number | string)[];
}

const VERSION =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:(?:-(\d+))|(?:[-_.]?(post|rev|r)[-_.]?(\d*)))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/u;
const LONGEST = 200;
const PRE: Readonly<Record<string, number>> = {
  a: 1,
  alpha: 1,
  b: 2,
  beta: 2,
  c: 3,
  rc: 3,
  pre: 3,
  preview: 3,
};
const NO_PRE = 4;

/** The version that a text stands for, or undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  const lower = text.trim().toLowerCase();
  const match = lower.length > LONGEST ? null : VERSION.exec(lower);
  if (match === null) return undefined;
  const [, epoch, release = "", preName, preNumber, dash, postName, postNumber] = match;
  const [dev, devNumber, local] = match.slice(8);
  const hasPost = dash !== undefined || postName !== undefined;
  return {
    text: text.trim(),
    epoch: Number(epoch ?? 0),
    release: release.split(".").map(Number),
    pre: preOf(preName, preNumber, dev !== undefined && !hasPost),
    post: hasPost ? Number(dash ?? postNumber) : -1,
    dev: dev === undefined ? Infinity : Number(devNumber),
    local: (local?.split(/[-_.]/u) ?? []).map((part) =>
      /^\d+$/u.test(part) ? Number(part) : part,
    ),
  };
}

/** A development version of a release comes before its first alpha. */
function preOf(
  name: string | undefined,
  number: string | undefined,
  isDev: boolean,
): readonly [number, number] {
  if (name !== undefined) return [PRE[name] ?? NO_PRE, Number(number)];
  return [isDev ? 0 : NO_PRE, 0];
}

/** Negative when one comes before the other, positive when after it. */
export function compareVersions(one: Version, other: Version): number {
  return comparePublic(one, other) || compareLocal(one.local, other.local);
}

function comparePublic(one: Version, other: Version): number {
  return (
    one.epoch - other.epoch ||
    compareRelease(one.release, other.release) ||
    one.pre[0] - other.pre[0] ||
    one.pre[1] - other.pre[1] ||
    one.post - other.post ||
    Math.sign(one.dev === other.dev ? 0 : one.dev - other.dev)
  );
}

/** 1.0 and 1.0.0 are the same. */
function compareRelease(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Words come before numbers, and fewer parts before more. */
function compareLocal(one: Version["local"], other: Version["local"]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [a, b] = [one[at], other[at]];
    if (a === b) continue;
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return 1;
    if (typeof b === "number") return -1;
    return a < b ? -1 : 1;
  }
  return 0;
}

const CLAUSE = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/u;

/** One condition on a version: `>=2.1`. */
export interface Clause {
  readonly operator: string;
  readonly version: string;
}

/** The conditions of `>=2.1,<3`, or undefined when it is no specifier. A version alone is exactly that one. */
export function parseSpecifier(text: string): readonly Clause[] | undefined {
  const clauses: Clause[] = [];
  const parts = text.trim() === "" ? [] : text.split(",");
  for (const part of parts.map((each) => each.trim())) {
    const [, operator = "==", version = part] = CLAUSE.exec(part) ?? [];
    if (!isClause(operator, version)) return undefined;
    clauses.push({ operator, version });
  }
  return clauses;
}

function isClause(operator: string, version: string): boolean {
  // Never compared as a version, and still nothing that a tool may take for more than one word.
  if (operator === "===") return /^[A-Za-z0-9._+!-]+$/u.test(version) && version.length <= LONGEST;
  const isPrefix = version.endsWith(".*");
  const parsed = parseVersion(isPrefix ? version.slice(0, -2) : version);
  if (parsed === undefined) return false;
  if (isPrefix) return operator === "==" || operator === "!=";
  return operator !== "~=" || parsed.release.length > 1;
}

/** Whether a version satisfies all conditions. Versions before a release count like any other. */
export function satisfies(version: Version, clauses: readonly Clause[]): boolean {
  return clauses.every((clause) => satisfiesOne(version, clause));
}

function satisfiesOne(version: Version, { operator, version: text }: Clause): boolean {
  if (operator === "===") return version.text.toLowerCase() === text.toLowerCase();
  if (text.endsWith(".*")) return hasPrefix(version, text.slice(0, -2)) === (operator === "==");
  const wanted = parseVersion(text);
  if (wanted === undefined) return false;
  const order = comparePublic(version, wanted);
  switch (operator) {
    case "==":
      return isSame(version, wanted);
    case "!=":
      return !isSame(version, wanted);
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0 && (isBefore(wanted) || !isBefore(version) || !isOf(version, wanted));
    case ">":
      return order > 0 && (!isAddition(version, wanted) || !isOf(version, wanted));
    default:
      return order >= 0 && hasPrefix(version, compatible(wanted));
  }
}

/** What one builder adds to a version does not count unless it is asked for. */
function isSame(version: Version, wanted: Version): boolean {
  return wanted.local.length === 0
    ? comparePublic(version, wanted) === 0
    : compareVersions(version, wanted) === 0;
}

function isBefore({ pre, dev }: Version): boolean {
  return pre[0] < NO_PRE || dev !== Infinity;
}

/** What came after a release, or what a builder made of it, is not newer than the release itself. */
function isAddition(version: Version, wanted: Version): boolean {
  return version.local.length > 0 || (version.post >= 0 && wanted.post < 0);
}

function isOf(version: Version, { epoch, release }: Version): boolean {
  return version.epoch === epoch && compareRelease(version.release, release) === 0;
}

function hasPrefix(version: Version, text: string): boolean {
  const prefix = parseVersion(text);
  return (
    prefix !== undefined &&
    version.epoch === prefix.epoch &&
    prefix.release.every((part, at) => (version.release[at] ?? 0) === part)
  );
}

function compatible({ epoch, release }: Version): string {
  return `${epoch}!${release.slice(0, -1).join(".")}`;
}
