import { isBuiltin } from "node:module";

import { placeOf, resolveRelative } from "./place.mjs";
import { migratedFrom } from "./rule.mjs";

/**
 * @typedef {import("./place.mjs").Place} Place
 * @typedef {import("./rule.mjs").PackageRule} PackageRule
 *
 * @typedef {object} Manifest What the rule reads of a `package.json`.
 * @property {string} [name]
 * @property {Readonly<Record<string, unknown>>} [exports]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [devDependencies]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 * @property {Readonly<Record<string, string>>} [peerDependencies]
 *
 * @typedef {object} Question
 * @property {string} path The importing file, relative to the repository.
 * @property {string | undefined} specifier
 * @property {Manifest} manifest Of the package that the file belongs to.
 * @property {Manifest} rootManifest
 * @property {readonly Manifest[]} manifests Of every package of the repository.
 * @property {Readonly<Record<string, PackageRule>>} rules
 */

/**
 * @param {Question} question
 * @returns {string | undefined} Why the import is not allowed.
 */
export function judge(question) {
  const { path, specifier } = question;
  const place = placeOf(path);
  if (specifier === undefined) {
    return place === undefined || place.isTest
      ? undefined
      : "a package does not compute what it imports";
  }
  if (specifier.startsWith(".")) {
    return judgeRelative(path, place, specifier, question.rules);
  }
  if (isBuiltin(specifier)) {
    return judgeBuiltin(place, specifier, question.rules);
  }
  return judgePackage(question, place, specifier);
}

/**
 * @param {string} path
 * @param {Place | undefined} place
 * @param {string} specifier
 * @param {Readonly<Record<string, PackageRule>>} rules
 * @returns {string | undefined}
 */
function judgeRelative(path, place, specifier, rules) {
  const target = resolveRelative(path, specifier);
  const targetPlace = placeOf(target);
  if (place === undefined) {
    const isInside = target.startsWith("packages/") && !path.startsWith(packageFolder(target));
    return isInside ? `${specifier} reaches into a package; import its public name` : undefined;
  }
  if (targetPlace === undefined || targetPlace.owner !== place.owner) {
    const besidePackages =
      !target.startsWith("packages/") || target.startsWith(`packages/${place.owner}/test/`);
    return place.isTest && besidePackages
      ? undefined
      : `${specifier} leaves the sources of packages/${place.owner}`;
  }
  if (targetPlace.part === place.part) {
    return undefined;
  }
  if (!targetPlace.isFace && !place.isTest) {
    return `${specifier} reaches into part ${targetPlace.part}; import its index.ts`;
  }
  return place.isTest ? undefined : judgeDirection(place, targetPlace, rules[place.owner]);
}

/**
 * @param {string} path
 * @returns {string}
 */
function packageFolder(path) {
  return `${path.split("/").slice(0, 2).join("/")}/`;
}

/**
 * @param {Place} from
 * @param {Place} to
 * @param {PackageRule | undefined} rule
 * @returns {string | undefined}
 */
function judgeDirection(from, to, rule) {
  if (rule === undefined) {
    return `packages/${from.owner} has no layers in tools/layers/rule.mjs`;
  }
  if (to.part === "index") {
    return "a part does not import the face of its own package";
  }
  const height = (/** @type {string} */ part) =>
    rule.layers.findIndex((layer) => layer.includes(part));
  const missing = [from.part, to.part].find((part) => part !== "index" && height(part) === -1);
  if (missing !== undefined) {
    return `part ${missing} has no layer in tools/layers/rule.mjs`;
  }
  if (from.part === "index" || height(from.part) < height(to.part)) {
    return undefined;
  }
  const relation = height(from.part) === height(to.part) ? "is in the same layer as" : "is below";
  return `${from.part} ${relation} ${to.part} and does not import it`;
}

/**
 * @param {Place | undefined} place
 * @param {string} specifier
 * @param {Readonly<Record<string, PackageRule>>} rules
 * @returns {string | undefined}
 */
function judgeBuiltin(place, specifier, rules) {
  if (!specifier.startsWith("node:")) {
    return `${specifier} is a Node module; write node:${specifier}`;
  }
  return place !== undefined && !place.isTest && rules[place.owner]?.pure === true
    ? `packages/${place.owner} runs outside Node too and does not import ${specifier}`
    : undefined;
}

/**
 * @param {Question} question
 * @param {Place | undefined} place
 * @param {string} specifier
 * @returns {string | undefined}
 */
function judgePackage({ path, manifest, rootManifest, manifests, rules }, place, specifier) {
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const subpath = `.${specifier.slice(name.length)}`;
  const ships = place !== undefined && !place.isTest;
  const own = name === manifest.name;
  if (!own && !isDeclared(name, manifest, rootManifest, ships, path)) {
    return `${name} is not a dependency of ${manifest.name ?? "the repository"}`;
  }
  const sibling = manifests.find((candidate) => candidate.name === name);
  if (sibling !== undefined && !(subpath in (sibling.exports ?? {}))) {
    return `${specifier} is not a public subpath of ${name}`;
  }
  if (own && ships) {
    return `${specifier} is this very package; import the part by its path`;
  }
  const only = place === undefined ? undefined : rules[place.owner]?.onlyFrom?.[name];
  return ships && only !== undefined && !only.includes(place.part)
    ? `only ${only.join(", ")} may import ${name}`
    : undefined;
}

/**
 * @param {string} name
 * @param {Manifest} manifest
 * @param {Manifest} rootManifest
 * @param {boolean} ships Whether the file is published, so that development dependencies do not count.
 * @param {string} path
 * @returns {boolean}
 */
function isDeclared(name, manifest, rootManifest, ships, path) {
  if (migratedFrom.test(path)) return true;
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  if (name in { ...dependencies, ...optionalDependencies, ...peerDependencies }) return true;
  const isDevelopment =
    name in (manifest.devDependencies ?? {}) || name in (rootManifest.devDependencies ?? {});
  const isOurs = name === "amphis" || name.startsWith("@amphis/");
  return !ships && (isDevelopment || (path.startsWith("examples/") && isOurs));
}
