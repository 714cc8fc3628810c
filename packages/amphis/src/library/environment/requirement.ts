import { parseMarker } from "./marker.ts";
import { parseSpecifier } from "./version.ts";

/** A package that is asked for, in the one form that both tools are given. */
export interface Requirement {
  /** In small letters, with hyphens. */
  readonly package: string;
  readonly extras: readonly string[];
  /** `>=2.1,<3`; empty for any version. */
  readonly specifier: string;
  /** When it is needed; empty for always. */
  readonly marker: string;
}

/** A package of a library, as configuration says it. */
export interface LibraryRequirement {
  /** Name on the package index. */
  readonly package: string;
  /** `2.1.3` or `>=2.1,<3`. @default any */
  readonly version?: string | undefined;
  /** @default [] */
  readonly extras?: readonly string[] | undefined;
  /** Modules that must be importable. @default [] */
  readonly modules?: readonly string[] | undefined;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/u;
const REQUIREMENT = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*([^;@]*?)\s*(?:;(.*))?$/u;

/** Names are the same in capitals and small letters, with hyphens, underscores and dots. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, "-");
}

/** @throws {TypeError} when it is no name of a package */
export function checkName(name: string, what = "a package"): string {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(name)} as the name of ${what}: it must be letters, digits, dots, hyphens and underscores`,
    );
  }
  return normalizeName(name);
}

/**
 * What a library asks for.
 *
 * @throws {TypeError} when a name, a version or an extra is none
 */
export function requirementOf({
  package: name,
  version = "",
  extras = [],
}: LibraryRequirement): Requirement {
  return {
    package: checkName(name),
    extras: [...new Set(extras.map((extra) => checkName(extra, `an extra of ${name}`)))].sort(),
    specifier: specifierOf(version, name),
    marker: "",
  };
}

/**
 * A requirement in the form of PEP 508: `pandas[performance]>=2.1; python_version < "3.13"`.
 *
 * Options of tools and addresses are refused: what is installed comes from the indexes and folders that are configured.
 *
 * @throws {TypeError} when the text is no such requirement
 */
export function parseRequirement(text: string): Requirement {
  const [, name, extras = "", specifier = "", marker = ""] = REQUIREMENT.exec(text.trim()) ?? [];
  if (name === undefined || /[\r\n]/u.test(text)) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(text)} as a requirement: write a package and its versions, such as "pandas>=2.1"; put files of packages into a folder and name that in folders`,
    );
  }
  const condition = marker.trim();
  if (condition !== "" && parseMarker(condition) === undefined) {
    throw new TypeError(`Cannot use ${JSON.stringify(condition)} as the condition of ${name}`);
  }
  return {
    package: checkName(name),
    extras: extrasOf(extras, name),
    specifier: specifierOf(specifier.replace(/^\((.*)\)$/u, "$1"), name),
    marker: condition,
  };
}

function extrasOf(list: string, name: string): readonly string[] {
  const names = list.split(",").map((extra) => extra.trim());
  const given = names.filter((extra) => extra !== "");
  return [...new Set(given.map((extra) => checkName(extra, `an extra of ${name}`)))].sort();
}

function specifierOf(version: string, name: string): string {
  const clauses = typeof version === "string" ? parseSpecifier(version) : undefined;
  if (clauses === undefined) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(version)} as the version of ${name}: write "2.1.3" or ">=2.1,<3"`,
    );
  }
  return clauses
    .map((clause) => `${clause.operator}${clause.version}`)
    .sort()
    .join(",");
}

export function formatRequirement(requirement: Requirement): string {
  const { package: name, extras, specifier, marker } = requirement;
  const parts = extras.length === 0 ? "" : `[${extras.join(",")}]`;
  return `${name}${parts}${specifier}${marker === "" ? "" : ` ; ${marker}`}`;
}
