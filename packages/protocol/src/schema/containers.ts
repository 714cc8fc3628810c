import type { ValidationFailure } from "../error/index.ts";
import type { ValueMap } from "../value/index.ts";
import { recordOf } from "./kinds.ts";
import { failure, Never, type Node, type Rule } from "./rule.ts";
import { entryStep, NOTHING, propertyStep, quote, show } from "./show.ts";

/** The items of a list or tuple: the first ones each by its own schema, the others by one. */
export class Items implements Rule {
  readonly #first: readonly Rule[];
  readonly #rest: Rule | undefined;

  constructor(first: readonly Rule[], rest: Rule | undefined) {
    this.#first = first;
    this.#rest = rest;
  }

  check(value: unknown, room: number): boolean {
    if (!Array.isArray(value)) return true;
    for (let index = 0; index < value.length; index += 1) {
      if (this.#ruleAt(index)?.check(value[index], room - 1) === false) return false;
    }
    return true;
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (!Array.isArray(value)) return;
    for (let index = 0; index < value.length; index += 1) {
      this.#ruleAt(index)?.fail(value[index], `${path}[${index}]`, room - 1, found);
    }
  }

  #ruleAt(index: number): Rule | undefined {
    return index < this.#first.length ? this.#first[index] : this.#rest;
  }
}

/** The elements of a set. */
export class Elements implements Rule {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  check(value: unknown, room: number): boolean {
    if (!(value instanceof Set)) return true;
    for (const item of value) if (!this.#node.check(item, room - 1)) return false;
    return true;
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (!(value instanceof Set)) return;
    for (const [index, item] of [...value].entries()) {
      this.#node.fail(item, `${path}[${index}]`, room - 1, found);
    }
  }
}

/** Keys and values of a map whose keys may be of any kind. */
export class Entries implements Rule {
  readonly #keys: Node | undefined;
  readonly #values: Node | undefined;

  constructor(keys: Node | undefined, values: Node | undefined) {
    this.#keys = keys;
    this.#values = values;
  }

  check(value: unknown, room: number): boolean {
    for (const [key, item] of entriesOf(value)) {
      if (
        this.#keys?.check(key, room - 1) === false ||
        this.#values?.check(item, room - 1) === false
      ) {
        return false;
      }
    }
    return true;
  }

  /** The failures of every entry, those of the key first. */
  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    for (const [key, item] of entriesOf(value)) {
      const place = path + entryStep(key);
      const wrong: ValidationFailure[] = [];
      this.#keys?.fail(key, place, room - 1, wrong);
      found.push(...wrong.map((one) => failure(one.path, `key ${one.expected}`, one.received)));
      this.#values?.fail(item, place, room - 1, found);
    }
  }
}

/** Nothing for what is no map. A property that is undefined is absent. */
function entriesOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map) return value as Map<unknown, unknown>;
  return Object.entries(recordOf(value) ?? {}).filter(([, item]) => item !== undefined);
}

export interface PropertyRules {
  readonly declared: ReadonlyMap<string, Rule>;
  /** What is required, with the text of its schema. */
  readonly required: ReadonlyMap<string, string>;
  readonly patterns: readonly (readonly [RegExp, Node])[];
  /** For what is neither declared nor matched by a pattern; anything goes without it. */
  readonly others: Rule | undefined;
}

/** The properties of a map with string keys: declared, required, and all others. */
export class Properties implements Rule {
  readonly #rules: PropertyRules;

  constructor(rules: PropertyRules) {
    this.#rules = rules;
  }

  check(value: unknown, room: number): boolean {
    const record = recordOf(value);
    if (record === undefined) return true;
    for (const name of this.#rules.required.keys()) {
      if (itemOf(record, name) === undefined) return false;
    }
    for (const name of Object.keys(record)) {
      const item = record[name];
      if (item !== undefined && !this.#checkOne(name, item, room - 1)) return false;
    }
    return true;
  }

  #checkOne(name: string, item: unknown, room: number): boolean {
    const { declared, patterns, others } = this.#rules;
    const rule = declared.get(name);
    if (rule !== undefined && !rule.check(item, room)) return false;
    const matched = patterns.filter(([pattern]) => pattern.test(name));
    if (!matched.every(([, node]) => node.check(item, room))) return false;
    return (
      rule !== undefined || matched.length > 0 || others === undefined || others.check(item, room)
    );
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    const record = recordOf(value);
    if (record === undefined) return;
    const { declared, required } = this.#rules;
    for (const [name, rule] of declared) {
      const item = itemOf(record, name);
      if (item !== undefined) {
        rule.fail(item, path + propertyStep(name), room - 1, found);
        this.#failPatterns(name, item, path, room - 1, found);
      } else if (required.has(name)) this.#failMissing(name, path, found);
    }
    for (const name of required.keys()) {
      if (!declared.has(name) && itemOf(record, name) === undefined) {
        this.#failMissing(name, path, found);
      }
    }
    for (const name of Object.keys(record)) {
      if (!declared.has(name) && record[name] !== undefined) {
        this.#failOther(name, record[name], path, room - 1, found);
      }
    }
  }

  #failMissing(name: string, path: string, found: ValidationFailure[]): void {
    found.push(failure(path + propertyStep(name), this.#rules.required.get(name) ?? "", NOTHING));
  }

  #failPatterns(
    name: string,
    item: unknown,
    path: string,
    room: number,
    found: ValidationFailure[],
  ): boolean {
    const matched = this.#rules.patterns.filter(([pattern]) => pattern.test(name));
    for (const [, node] of matched) node.fail(item, path + propertyStep(name), room, found);
    return matched.length > 0;
  }

  #failOther(
    name: string,
    item: unknown,
    path: string,
    room: number,
    found: ValidationFailure[],
  ): void {
    const { others } = this.#rules;
    if (this.#failPatterns(name, item, path, room, found) || others === undefined) return;
    const place = path + propertyStep(name);
    if (others instanceof Never) {
      found.push(failure(place, `no property ${quote(name)}`, show(item)));
    } else others.fail(item, place, room, found);
  }
}

/** A property, undefined when it is absent; nothing comes from the prototype. */
function itemOf(record: ValueMap, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
