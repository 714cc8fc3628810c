import { describe } from "./describe.ts";
import { SchemaDocument } from "./document.ts";
import { identity } from "./identity.ts";
import {
  asList,
  asMap,
  constantsOf,
  isSchemaMap,
  keyword,
  type Schema,
  type SchemaMap,
  tupleMembers,
} from "./keywords.ts";
import { fixedLength, layoutKind, nullableMember } from "./layout-kind.ts";
import { BOUNDS, narrowed } from "./narrowing.ts";
import { propertyStep, quote, show } from "./show.ts";

const ROOM = 128;
const UNREADABLE = "is newly allowed, which old readers cannot read";

/**
 * Every reason why a program with the old schema and one with the new cannot talk.
 *
 * Empty when the new schema is a safe next version: what it adds are optional properties at the end of the top-level map, and what
 * it changes only widens constraints.
 *
 * @throws {AmphisError} SCHEMA_INVALID when one of them cannot be compiled
 */
export function incompatibilities(before: Schema, after: Schema): string[] {
  return new Comparison(new SchemaDocument(before), new SchemaDocument(after)).reasons();
}

/** Walks two schemas side by side and writes down every break. */
class Comparison {
  readonly #before: SchemaDocument;
  readonly #after: SchemaDocument;
  readonly #reasons: string[] = [];
  /** Pairs that were compared: schemas may contain themselves. */
  readonly #seen = new Map<object, Set<object>>();
  /** The same for the top level, where maps may grow. */
  readonly #seenTop = new Map<object, Set<object>>();

  constructor(before: SchemaDocument, after: SchemaDocument) {
    this.#before = before;
    this.#after = after;
  }

  reasons(): string[] {
    this.#compare(this.#before.resolve("#"), this.#after.resolve("#"), "$", true);
    return this.#reasons;
  }

  #say(path: string, reason: string): void {
    this.#reasons.push(`${path}: ${reason}`);
  }

  #compare(before: unknown, after: unknown, path: string, top = false): void {
    const one = follow(before, this.#before);
    const other = follow(after, this.#after);
    if (isSchemaMap(one) && isSchemaMap(other) && this.#wasSeen(one, other, top)) return;
    const [inner, innerAfter] = [nullableMember(one), nullableMember(other)];
    if (inner === undefined && innerAfter === undefined) {
      return this.#compareKinds(one, other, path, top);
    }
    if (inner === undefined) this.#say(path, "null is newly allowed, which changes the layout");
    else if (innerAfter === undefined) this.#say(path, "null is no longer allowed");
    this.#compare(inner ?? one, innerAfter ?? other, path);
  }

  #wasSeen(before: object, after: object, top: boolean): boolean {
    const pairs = top ? this.#seenTop : this.#seen;
    const partners = pairs.get(before) ?? new Set<object>();
    if (partners.has(after)) return true;
    pairs.set(before, partners.add(after));
    return false;
  }

  #compareKinds(before: unknown, after: unknown, path: string, top: boolean): void {
    const kind = layoutKind(before);
    const kindAfter = layoutKind(after);
    if (kind !== kindAfter) return this.#say(path, `type changed from ${kind} to ${kindAfter}`);
    if (!isSchemaMap(before) || !isSchemaMap(after)) return;
    this.#compareChoices(kind, before, after, path);
    this.#compareNot(before, after, path);
    this.#compareBounds(before, after, path);
    this.#compareChildren(kind, before, after, path, top);
  }

  #compareChoices(kind: string, before: SchemaMap, after: SchemaMap, path: string): void {
    switch (kind) {
      case "constant":
        if (!same(before["const"], after["const"])) {
          this.#say(
            path,
            `constant changed from ${show(before["const"])} to ${show(after["const"])}`,
          );
        }
        return;
      case "enum":
        return this.#compareEnum(constantsOf(before) ?? [], constantsOf(after) ?? [], path);
      case "union":
        return this.#compareMembers(asList(before["anyOf"]), asList(after["anyOf"]), path);
      case "oneOf":
        return this.#compareMembers(asList(before["oneOf"]), asList(after["oneOf"]), path);
      case "allOf":
        return this.#compareAllOf(asList(before["allOf"]), asList(after["allOf"]), path);
    }
  }

  #compareEnum(before: readonly unknown[], after: readonly unknown[], path: string): void {
    const [old, now] = [byIdentity(before), byIdentity(after)];
    for (const [key, value] of old) {
      if (!now.has(key)) this.#say(path, `${show(value)} is no longer allowed`);
    }
    for (const [key, value] of now) {
      if (!old.has(key)) this.#say(path, `${show(value)} ${UNREADABLE}`);
    }
    if (isReordered([...old.keys()], [...now.keys()])) {
      this.#say(path, "order of the allowed values changed");
    }
  }

  #compareMembers(before: readonly unknown[], after: readonly unknown[], path: string): void {
    for (const [index, member] of before.entries()) {
      if (index < after.length) {
        this.#compare(member, after[index], `${path}(alternative ${index + 1})`);
      }
    }
    for (const [index, member] of before.entries()) {
      if (index >= after.length) {
        this.#say(
          path,
          `alternative ${index + 1} (${describe(member, this.#before)}) is no longer allowed`,
        );
      }
    }
    for (const [index, member] of after.entries()) {
      if (index >= before.length) {
        this.#say(
          path,
          `alternative ${index + 1} (${describe(member, this.#after)}) ${UNREADABLE}`,
        );
      }
    }
  }

  #compareAllOf(before: readonly unknown[], after: readonly unknown[], path: string): void {
    for (const [index, member] of after.entries()) {
      if (index < before.length) {
        this.#compare(before[index], member, `${path}(allOf ${index + 1})`);
      } else this.#say(path, `allOf member ${index + 1} added`);
    }
  }

  #compareNot(before: SchemaMap, after: SchemaMap, path: string): void {
    if (!Object.hasOwn(after, "not")) return;
    if (!Object.hasOwn(before, "not")) this.#say(path, "not added");
    else if (!same(before["not"], after["not"])) this.#say(path, "not changed");
  }

  #compareBounds(before: SchemaMap, after: SchemaMap, path: string): void {
    for (const name of BOUNDS) {
      const inLayout =
        (name === "minItems" || name === "maxItems") && fixedLength(after) !== undefined;
      if (!Object.hasOwn(after, name) || inLayout) continue;
      const reason = narrowed(name, keyword(before, name), after[name]);
      if (reason !== undefined) this.#say(path, reason);
    }
  }

  #compareChildren(
    kind: string,
    before: SchemaMap,
    after: SchemaMap,
    path: string,
    top: boolean,
  ): void {
    const part = (schema: SchemaMap, name: string): unknown => keyword(schema, name) ?? true;
    if (keyword(before, "x-amphis") === "map") {
      this.#compare(part(before, "keys"), part(after, "keys"), `${path}(keys)`);
      this.#compare(part(before, "values"), part(after, "values"), `${path}.*`);
    } else if (kind === "tuple") this.#compareTuple(before, after, path);
    else if (kind === "map" || kind === "map with properties") {
      this.#compareProperties(before, after, path, top);
      this.#comparePatterns(before, after, path);
      this.#compareOthers(before, after, path);
    } else if (Object.hasOwn(before, "items") || Object.hasOwn(after, "items")) {
      this.#compare(part(before, "items"), part(after, "items"), `${path}[]`);
    }
  }

  #compareTuple(before: SchemaMap, after: SchemaMap, path: string): void {
    const [{ first = [], rest }, { first: firstAfter = [], rest: restAfter }] = [
      tupleMembers(before),
      tupleMembers(after),
    ];
    if (first.length !== firstAfter.length) {
      this.#say(
        path,
        `tuple ${firstAfter.length > first.length ? "grew" : "shrank"} from ${first.length} to ${firstAfter.length} items`,
      );
    }
    for (const [index, item] of first.entries()) {
      if (index < firstAfter.length) this.#compare(item, firstAfter[index], `${path}[${index}]`);
    }
    if (rest === false) return;
    if (restAfter === false) this.#say(path, "further items are no longer allowed");
    else this.#compare(rest, restAfter, `${path}[]`);
  }

  #compareProperties(before: SchemaMap, after: SchemaMap, path: string, top: boolean): void {
    const [old, now] = [asMap(keyword(before, "properties")), asMap(keyword(after, "properties"))];
    const [required, requiredAfter] = [
      asList(keyword(before, "required")),
      asList(keyword(after, "required")),
    ];
    for (const name of Object.keys(old)) {
      const place = path + propertyStep(name);
      if (!Object.hasOwn(now, name)) {
        this.#say(place, "removed");
        continue;
      }
      const [must, mustNow] = [required.includes(name), requiredAfter.includes(name)];
      if (mustNow && !must) this.#say(place, "became required");
      if (must && !mustNow) this.#say(place, "became optional, which changes the layout");
      this.#compare(old[name], now[name], place);
    }
    if (isReordered(Object.keys(old), Object.keys(now))) {
      this.#say(path, "order of properties changed");
    }
    this.#compareAdded(Object.keys(old), Object.keys(now), requiredAfter, path, top);
  }

  #compareAdded(
    before: readonly string[],
    after: readonly string[],
    required: readonly unknown[],
    path: string,
    top: boolean,
  ): void {
    for (const [index, name] of after.entries()) {
      if (before.includes(name)) continue;
      const place = path + propertyStep(name);
      const must = required.includes(name);
      const follower = after.slice(index).find((other) => before.includes(other));
      if (must) this.#say(place, "added as required");
      if (follower !== undefined) {
        this.#say(place, `inserted before ${quote(follower)}; new properties go to the end`);
      } else if (!top && !must) {
        this.#say(place, "added inside a nested map, whose layout cannot grow");
      }
    }
  }

  #comparePatterns(before: SchemaMap, after: SchemaMap, path: string): void {
    const [old, now] = [
      asMap(keyword(before, "patternProperties")),
      asMap(keyword(after, "patternProperties")),
    ];
    for (const source of Object.keys(old)) {
      if (Object.hasOwn(now, source)) this.#compare(old[source], now[source], `${path}.*`);
      else if (!Object.hasOwn(before, "properties")) {
        this.#say(path, `pattern ${source} of property names removed`);
      }
    }
    for (const source of Object.keys(now)) {
      if (!Object.hasOwn(old, source)) this.#say(path, `pattern ${source} of property names added`);
    }
  }

  #compareOthers(before: SchemaMap, after: SchemaMap, path: string): void {
    const [old, now] = [
      keyword(before, "additionalProperties") ?? true,
      keyword(after, "additionalProperties") ?? true,
    ];
    if (old === false) return;
    if (now === false) this.#say(path, "other properties are no longer allowed");
    else if (!(Object.hasOwn(before, "properties") && layoutKind(now) === "any value")) {
      this.#compare(old, now, `${path}.*`);
    }
  }
}

function follow(schema: unknown, document: SchemaDocument): unknown {
  let found = schema;
  while (isSchemaMap(found) && Object.hasOwn(found, "$ref")) {
    found = document.resolve(String(found["$ref"]));
  }
  return found;
}

function same(one: unknown, other: unknown): boolean {
  return identity(one, ROOM) === identity(other, ROOM);
}

function byIdentity(values: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(values.map((value) => [identity(value, ROOM), value]));
}

/** Whether what is in both lists is in another order. */
function isReordered(before: readonly string[], after: readonly string[]): boolean {
  const kept = before.filter((name) => after.includes(name));
  return after.filter((name) => before.includes(name)).some((name, index) => name !== kept[index]);
}
