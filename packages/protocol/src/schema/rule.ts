import type { ValidationFailure } from "../error/index.ts";
import { recordOf } from "./kinds.ts";
import { TooDeep } from "./identity.ts";
import { show } from "./show.ts";

/** One demand on a value. `room` is how many more levels may follow. */
export interface Rule {
  check(value: unknown, room: number): boolean;
  /** Appends every failure of the value, none if it satisfies the demand. */
  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void;
}

/** Joins the three texts to a sentence. */
export function failure(path: string, expected: string, received: string): ValidationFailure {
  return {
    path,
    expected,
    received,
    message: `${path}: expected ${expected}, received ${received}`,
  };
}

/** A demand on the value as a whole. */
export class Test implements Rule {
  readonly expected: string;
  readonly check: (value: unknown, room: number) => boolean;

  constructor(expected: string, check: (value: unknown, room: number) => boolean) {
    this.expected = expected;
    this.check = check;
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (!this.check(value, room)) found.push(failure(path, this.expected, show(value)));
  }
}

/** The type `object`, with other words for a map whose keys are not all strings. */
export class ObjectTest extends Test {
  override fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (this.check(value, room)) return;
    found.push(
      failure(path, value instanceof Map ? "map with string keys" : this.expected, show(value)),
    );
  }
}

/** The schema `false`, in the words of the place where it stands. */
export class Never implements Rule {
  readonly expected: string;

  constructor(expected: string) {
    this.expected = expected;
  }

  check(): boolean {
    return false;
  }

  fail(value: unknown, path: string, _room: number, found: ValidationFailure[]): void {
    found.push(failure(path, this.expected, show(value)));
  }
}

/** One compiled schema. It is filled after it is made, as schemas may refer to themselves. */
export class Node implements Rule {
  /** Type and kind; when one fails, nothing else is said. */
  readonly gates: Test[] = [];
  /** const and enum. */
  readonly constants: Test[] = [];
  /** Everything else, in the order in which failures are listed. */
  readonly rules: Rule[] = [];
  /** The nodes of $ref and allOf, which look at the same value. */
  readonly sameValue: Node[] = [];
  /** For anyOf and oneOf each, the members. */
  readonly choices: (readonly Node[])[] = [];
  /** The test of each property that is a const, in the schema's order. */
  readonly constProperties: Map<string, Test> = new Map<string, Test>();

  check(value: unknown, room: number): boolean {
    if (room < 0) throw new TooDeep();
    return (
      passes(this.gates, value, room) &&
      passes(this.constants, value, room) &&
      passes(this.rules, value, room)
    );
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (room < 0) throw new TooDeep();
    for (const gate of this.gates) {
      if (!gate.check(value, room)) return gate.fail(value, path, room, found);
    }
    for (const test of this.constants) test.fail(value, path, room, found);
    for (const rule of this.rules) rule.fail(value, path, room, found);
  }

  /** Whether the value may be meant for this schema, though something in it is wrong. */
  couldBe(value: unknown, room: number, whateverConsts: boolean): boolean {
    return (
      passes(this.gates, value, room) &&
      passes(this.constants, value, room) &&
      (whateverConsts || this.#hasConsts(value, room)) &&
      this.sameValue.every((node) => node.couldBe(value, room, whateverConsts)) &&
      this.choices.every((members) =>
        members.some((member) => member.couldBe(value, room, whateverConsts)),
      )
    );
  }

  #hasConsts(value: unknown, room: number): boolean {
    const record = recordOf(value);
    if (record === undefined) return true;
    return [...this.constProperties].every(
      ([name, test]) =>
        Object.hasOwn(record, name) && record[name] !== undefined && test.check(record[name], room),
    );
  }

  /** The first property that is a const, with the text of the const. */
  discriminator(): { readonly name: string; readonly text: string } | undefined {
    for (const [name, test] of this.constProperties) return { name, text: test.expected };
    for (const node of this.sameValue) {
      const found = node.discriminator();
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function passes(rules: readonly Rule[], value: unknown, room: number): boolean {
  for (const rule of rules) if (!rule.check(value, room)) return false;
  return true;
}
