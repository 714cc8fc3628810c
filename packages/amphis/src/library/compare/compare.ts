import {
  type ClassModel,
  findMember,
  type FoundMember,
  type FunctionModel,
  type LibraryModel,
  type Member,
  type PropertyModel,
} from "../model/index.ts";
import { Changes, type SurfaceComparison } from "./change.ts";
import { compareCalls, compareResults } from "./signatures.ts";
import { formatType } from "./types.ts";

/**
 * What became of the public surface of a library, for programs that use it.
 *
 * Breaking is only what certainly breaks somebody: names that are gone, arguments that were accepted and are not, results that may be more
 * than they were. Where the models do not say enough, as for functions with overloads, nothing is claimed.
 *
 * @throws {TypeError} when the models are of different libraries
 */
export function compareModels(before: LibraryModel, after: LibraryModel): SurfaceComparison {
  if (before.name !== after.name) {
    throw new TypeError(`Cannot compare ${before.name} with ${after.name}: they are two libraries`);
  }
  const changes = new Changes();
  const comparison = new ModelComparison(before, after, changes);
  for (const module of before.modules) comparison.compareModule(module.path);
  for (const { path } of after.modules) {
    if (!before.modules.some((module) => module.path === path)) {
      changes.added("added", path, `module ${path} is new`);
    }
  }
  return {
    library: before.name,
    from: before.version,
    to: after.version,
    breaking: changes.of("breaking"),
    added: changes.of("added"),
    changed: changes.of("changed"),
  };
}

class ModelComparison {
  readonly #before: LibraryModel;
  readonly #after: LibraryModel;
  readonly #changes: Changes;

  constructor(before: LibraryModel, after: LibraryModel, changes: Changes) {
    this.#before = before;
    this.#after = after;
    this.#changes = changes;
  }

  compareModule(path: string): void {
    const old = this.#before.modules.find((module) => module.path === path);
    const now = findMember(this.#after, path);
    if (old === undefined) return;
    if (now?.kind !== "module") {
      this.#changes.breaking("removed", path, `module ${path} is gone`);
      return;
    }
    const { failure, members } = now.module;
    if (old.failure === undefined && failure !== undefined) {
      this.#changes.breaking("import", path, `${path} cannot be imported any more: ${failure}`);
    }
    for (const member of old.members) this.#compareName(member, `${path}.${member.name}`);
    this.#tellOfNew(path, old.members, members);
  }

  #tellOfNew(path: string, old: readonly Member[], now: readonly Member[]): void {
    const known = new Set(old.map(({ name }) => name));
    for (const { name, kind } of now.filter((member) => !known.has(member.name))) {
      if (kind !== "module") this.#changes.added("added", `${path}.${name}`, `${name} is new`);
    }
  }

  /** Another name of something is compared by what kind of thing it leads to: the thing itself is compared where it is described. */
  #compareName(old: Member, path: string): void {
    const now = findMember(this.#after, path) ?? this.#elsewhere(path);
    if (now === undefined) {
      if (old.kind !== "module") this.#changes.breaking("removed", path, `${path} is gone`);
      return;
    }
    if (now === "outside") return;
    const was =
      old.kind === "alias" || old.kind === "module" ? findMember(this.#before, path) : undefined;
    const described = was?.kind === "member" ? was.member : old;
    if (described.kind === "alias" || described.kind === "module" || now.kind === "module") return;
    if (described.kind !== now.member.kind) {
      const text = `${path} is a ${WORDS[now.member.kind]}, and was a ${WORDS[described.kind]}`;
      this.#changes.breaking("kind", path, text);
    } else if (was === undefined) this.#compareSame(described, now.member, path);
  }

  /** A name that leads out of the library is there, and what it leads to is not known. */
  #elsewhere(path: string): FoundMember | "outside" | undefined {
    const end = path.lastIndexOf(".");
    const outer = findMember(this.#after, path.slice(0, end));
    const members =
      outer?.kind === "module"
        ? outer.module.members
        : outer?.member.kind === "class"
          ? outer.member.members
          : [];
    return members.some(({ name }) => name === path.slice(end + 1)) ? "outside" : undefined;
  }

  #compareSame(old: Member, now: Member, path: string): void {
    if (old.kind === "function" && now.kind === "function") this.#compareFunctions(old, now, path);
    else if (old.kind === "class" && now.kind === "class") this.#compareClasses(old, now, path);
    else if (old.kind === "property" && now.kind === "property") {
      this.#compareProperties(old, now, path);
    } else if (old.kind === "value" && now.kind === "value") {
      compareResults(old.type, now.type, path, this.#changes);
      if (old.value !== undefined && now.value !== undefined && old.value !== now.value) {
        this.#changes.changed("value", path, `it is ${now.value}, and was ${old.value}`);
      }
    } else if (old.kind === "type" && now.kind === "type") {
      const [before, after] = [formatType(old.target), formatType(now.target)];
      if (before !== after) {
        this.#changes.changed("type", path, `it stands for ${after}, and stood for ${before}`);
      }
    }
    this.#compareDeprecation(old, now, path);
  }

  #compareDeprecation(old: Member, now: Member, path: string): void {
    if (!("deprecated" in now) || now.deprecated === undefined) return;
    if ("deprecated" in old && old.deprecated !== undefined) return;
    const advice = now.deprecated === "" ? "" : `: ${now.deprecated}`;
    this.#changes.changed("deprecated", path, `it is deprecated now${advice}`);
  }

  #compareFunctions(old: FunctionModel, now: FunctionModel, path: string): void {
    for (const [name, words] of FUNCTION_TRAITS) {
      if (old[name] === now[name]) continue;
      const text = now[name] === true ? `it is ${words} now` : `it is not ${words} any more`;
      this.#changes.breaking("call", path, text);
    }
    if (old.binding !== now.binding && old.binding !== undefined && now.binding !== undefined) {
      const text = `it is a method of ${BOUND[now.binding]}, and was one of ${BOUND[old.binding]}`;
      this.#changes.breaking("call", path, text);
    }
    compareCalls(old, now, path, this.#changes);
  }

  #compareClasses(old: ClassModel, now: ClassModel, path: string): void {
    const [made, makes] = [old, now].map(({ runtime, constructors: signatures }) => ({
      runtime,
      signatures,
    }));
    if (made !== undefined && makes !== undefined) compareCalls(made, makes, path, this.#changes);
    const [before, after] = [old, now].map(({ bases }) => bases.map(formatType).join(", "));
    if (before !== after) {
      const text = `it is derived from ${after || "nothing"}, and was from ${before || "nothing"}`;
      this.#changes.changed("bases", path, text);
    }
    for (const member of old.members) this.#compareMember(member, now, path);
    this.#tellOfNew(path, old.members, now.members);
  }

  #compareMember(old: Member, owner: ClassModel, path: string): void {
    const place = `${path}.${old.name}`;
    const found = this.#memberOf(owner, old.name, 0);
    if (found === undefined) this.#changes.breaking("removed", place, `${place} is gone`);
    else if (found === "unclear") {
      const text = `${place} is not described any more; it may come from a base of another library`;
      this.#changes.changed("removed", place, text);
    } else if (old.kind === "alias" || found.kind === "alias") return;
    else if (found.kind === old.kind) this.#compareSame(old, found, place);
    else {
      const text = `${place} is a ${WORDS[found.kind]}, and was a ${WORDS[old.kind]}`;
      this.#changes.breaking("kind", place, text);
    }
  }

  /** The member of a class, or of its bases as far as they are of this library. */
  #memberOf(owner: ClassModel, name: string, depth: number): Member | "unclear" | undefined {
    const own = owner.members.find((member) => member.name === name);
    if (own !== undefined) return own;
    let isUnclear = false;
    for (const base of owner.bases) {
      const found = base.kind === "name" ? findMember(this.#after, base.path) : undefined;
      const isClass = found?.kind === "member" && found.member.kind === "class";
      const member =
        isClass && depth < DEEPEST && found.member.kind === "class"
          ? this.#memberOf(found.member, name, depth + 1)
          : "unclear";
      if (member === "unclear") isUnclear = true;
      else if (member !== undefined) return member;
    }
    return isUnclear ? "unclear" : undefined;
  }

  #compareProperties(old: PropertyModel, now: PropertyModel, path: string): void {
    if (!old.isReadonly && now.isReadonly) {
      this.#changes.breaking("readonly", path, "it cannot be set any more");
    }
    if (old.isStatic && !now.isStatic) {
      this.#changes.breaking("call", path, "only instances have it now");
    }
    compareResults(old.type, now.type, path, this.#changes);
  }
}

/** Bases of bases, which a hostile model may make a circle of. */
const DEEPEST = 64;

const WORDS: Readonly<Record<Member["kind"], string>> = {
  function: "function",
  class: "class",
  property: "property",
  value: "value",
  type: "type",
  module: "module",
  alias: "name",
};

const FUNCTION_TRAITS = [
  ["isAsync", "a coroutine function"],
  ["isGenerator", "a generator"],
  ["isAsyncGenerator", "an asynchronous generator"],
] as const;

const BOUND = { instance: "instances", class: "the class", static: "neither" } as const;
