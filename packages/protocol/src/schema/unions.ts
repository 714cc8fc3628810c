import type { ValidationFailure } from "../error/index.ts";
import { oneOf } from "./describe.ts";
import { recordOf } from "./kinds.ts";
import { failure, type Node, type Rule } from "./rule.ts";
import { NOTHING, propertyStep, show } from "./show.ts";

/** At least one member fits. */
export class AnyOf implements Rule {
  readonly #members: readonly Node[];
  readonly #text: () => string;

  constructor(members: readonly Node[], text: () => string) {
    this.#members = members;
    this.#text = text;
  }

  check(value: unknown, room: number): boolean {
    return this.#members.some((member) => member.check(value, room));
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    if (!this.check(value, room)) this.failAll(value, path, room, found);
  }

  /** As `fail`, where it is known that no member fits: what the one member that could be meant misses, else what all ask for. */
  failAll(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    const [meant, ...others] = this.#members.filter((member) => member.couldBe(value, room, false));
    if (meant !== undefined && others.length === 0) return meant.fail(value, path, room, found);
    if (meant === undefined && this.#failDiscriminator(value, path, room, found)) return;
    found.push(failure(path, this.#text(), show(value)));
  }

  #failDiscriminator(
    value: unknown,
    path: string,
    room: number,
    found: ValidationFailure[],
  ): boolean {
    const record = recordOf(value);
    if (record === undefined) return false;
    const apart = this.#members
      .filter((member) => member.couldBe(value, room, true))
      .map((member) => member.discriminator());
    const [first] = apart;
    if (first === undefined || apart.length < 2 || apart.some((one) => one?.name !== first.name)) {
      return false;
    }
    const texts = new Set(apart.map((one) => one?.text ?? ""));
    const item = Object.hasOwn(record, first.name) ? record[first.name] : undefined;
    found.push(
      failure(
        path + propertyStep(first.name),
        oneOf([...texts]),
        item === undefined ? NOTHING : show(item),
      ),
    );
    return true;
  }
}

/** Exactly one member fits. */
export class OneOf implements Rule {
  readonly #members: readonly Node[];
  readonly #text: () => string;
  readonly #any: AnyOf;

  constructor(members: readonly Node[], text: () => string) {
    this.#members = members;
    this.#text = text;
    this.#any = new AnyOf(members, text);
  }

  check(value: unknown, room: number): boolean {
    return this.#count(value, room) === 1;
  }

  fail(value: unknown, path: string, room: number, found: ValidationFailure[]): void {
    const count = this.#count(value, room);
    if (count === 0) this.#any.failAll(value, path, room, found);
    else if (count > 1) found.push(failure(path, `exactly one of ${this.#text()}`, show(value)));
  }

  #count(value: unknown, room: number): number {
    return this.#members.filter((member) => member.check(value, room)).length;
  }
}
