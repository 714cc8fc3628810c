import { hostRules } from "../worker/index.ts";
import type { PoolOptions } from "./options.ts";

const LEVELS: ReadonlySet<string> = new Set(["none", "guarded", "sandboxed"]);
const FLAGS: ReadonlySet<string> = new Set([
  "processes",
  "ctypes",
  "code",
  "pickle",
  "introspection",
]);
const LISTS = {
  libraries: ["allow", "deny"],
  functions: ["allow", "deny"],
  files: ["read", "write"],
};

/** @throws {TypeError} naming what of isolation and policy makes no sense: a mistake here must not open a door */
export function expectIsolation({
  isolation,
  policy,
}: Pick<PoolOptions, "isolation" | "policy">): void {
  if (isolation !== undefined && !LEVELS.has(isolation)) {
    throw new TypeError("Cannot open pool: isolation must be none, guarded or sandboxed");
  }
  if (policy === undefined) return;
  // A pool that is not isolated may have the policy of the others, which says nothing about it.
  if (isolation === undefined) {
    throw new TypeError("Cannot open pool: a policy needs isolation guarded or sandboxed");
  }
  if (!isRecord(policy)) throw new TypeError("Cannot open pool: policy must be an object");
  for (const [name, value] of Object.entries(policy)) {
    if (value !== undefined) expectRule(name, value);
  }
}

function expectRule(name: string, value: unknown): void {
  if (name === "network") {
    const isFine = typeof value === "boolean" || isTexts(value);
    if (!isFine) refuse(name, "true, false or a list of hosts");
    if (Array.isArray(value)) expectHosts(value as string[]);
  } else if (FLAGS.has(name)) {
    if (typeof value !== "boolean") refuse(name, "true or false");
  } else if (Object.hasOwn(LISTS, name)) {
    expectLists(name as keyof typeof LISTS, value);
  } else {
    const known = [...Object.keys(LISTS), "network", ...FLAGS].join(", ");
    throw new TypeError(`Cannot open pool: policy has no ${name}, but ${known}`);
  }
}

function expectHosts(hosts: readonly string[]): void {
  try {
    hostRules(hosts);
  } catch (error) {
    refuse("network", `a list of hosts: ${(error as Error).message}`);
  }
}

function expectLists(name: keyof typeof LISTS, value: unknown): void {
  if (!isRecord(value)) refuse(name, `an object with ${LISTS[name].join(" and ")}`);
  for (const [key, list] of Object.entries(value as object)) {
    if (!LISTS[name].includes(key)) refuse(name, `an object with ${LISTS[name].join(" and ")}`);
    if (list !== undefined && !isTexts(list)) refuse(`${name}.${key}`, "a list of texts");
    if (name === "libraries" && key === "deny") {
      for (const each of (list ?? []) as string[]) expectPrefix(each);
    }
    if (name === "files") for (const path of (list ?? []) as string[]) expectAbsolute(path);
  }
}

/** An import is judged where there is no time for more. */
function expectPrefix(pattern: string): void {
  const star = pattern.indexOf("*");
  if (star !== -1 && star !== pattern.length - 1) {
    refuse("libraries.deny", `names in which * stands last, not ${pattern}`);
  }
}

function expectAbsolute(path: string): void {
  if (!path.startsWith("/")) refuse("files", `absolute paths, not ${path}`);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  const isText = (each: unknown): boolean =>
    typeof each === "string" && each !== "" && !each.includes("\0");
  return Array.isArray(value) && value.every(isText);
}

function refuse(name: string, expected: string): never {
  throw new TypeError(`Cannot open pool: policy.${name} must be ${expected}`);
}
