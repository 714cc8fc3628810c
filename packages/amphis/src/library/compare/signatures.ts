import type { Parameter, Signature } from "../model/index.ts";
import type { Changes } from "./change.ts";
import { formatType, relate } from "./types.ts";

/** What can be called: a function, or a class as its constructor. */
export interface Callable {
  readonly runtime?: Signature | undefined;
  readonly signatures: readonly Signature[];
}

/**
 * Compares two ways to call something, for those who call it.
 *
 * Where there are several overloads and nobody says which arguments are accepted by all of them together, nothing is certain, and nothing is
 * said about parameters.
 */
export function compareCalls(
  before: Callable,
  after: Callable,
  path: string,
  changes: Changes,
): void {
  const [old, now] = [acceptedBy(before), acceptedBy(after)];
  if (old !== undefined && now !== undefined) new Comparison(old, now, path, changes).compare();
  const [typed, typedNow] = [typedOf(before), typedOf(after)];
  if (typed !== undefined && typedNow !== undefined) compareTypes(typed, typedNow, path, changes);
}

function acceptedBy({ runtime, signatures }: Callable): Signature | undefined {
  return runtime ?? typedOf({ signatures });
}

function typedOf({ signatures }: Callable): Signature | undefined {
  return signatures.length === 1 ? signatures[0] : undefined;
}

function byPosition({ kind }: Parameter): boolean {
  return kind === "positional" || kind === "any";
}

function byName({ kind }: Parameter): boolean {
  return kind === "keyword" || kind === "any";
}

class Comparison {
  readonly #path: string;
  readonly #changes: Changes;
  readonly #old: readonly Parameter[];
  readonly #now: readonly Parameter[];
  readonly #oldPositions: readonly Parameter[];
  readonly #positions: readonly Parameter[];
  /** New names that old parameters go by now. */
  readonly #renamed = new Set<string>();

  constructor(old: Signature, now: Signature, path: string, changes: Changes) {
    this.#path = path;
    this.#changes = changes;
    this.#old = old.parameters;
    this.#now = now.parameters;
    this.#oldPositions = old.parameters.filter(byPosition);
    this.#positions = now.parameters.filter(byPosition);
  }

  compare(): void {
    for (const parameter of this.#old) {
      if (parameter.kind === "rest" || parameter.kind === "keywords") this.#compareRest(parameter);
      else if (parameter.kind === "positional") this.#comparePosition(parameter);
      else this.#compareNamed(parameter);
    }
    this.#compareOrder();
    for (const parameter of this.#now) this.#compareNew(parameter);
  }

  #has(kind: Parameter["kind"]): boolean {
    return this.#now.some((each) => each.kind === kind);
  }

  #compareRest({ kind, name }: Parameter): void {
    if (this.#has(kind)) return;
    const text =
      kind === "rest"
        ? `any number of positional arguments (*${name}) is not accepted any more`
        : `any keyword arguments (**${name}) are not accepted any more`;
    // What takes anything may refuse it inside: when it names its parameters now, it may accept what it did before.
    if (this.#now.some((each) => this.#wasIn(kind, each))) {
      const named = `${text}: its parameters have names now`;
      this.#changes.changed("parameter-removed", this.#path, named, name);
    } else this.#changes.breaking("parameter-removed", this.#path, text, name);
  }

  /** Whether a parameter that is named now may have been one of any arguments, which were not. */
  #wasIn(kind: Parameter["kind"], parameter: Parameter): boolean {
    const takes = kind === "rest" ? byPosition : byName;
    return (
      takes(parameter) &&
      this.#old.some((each) => each.kind === kind) &&
      !this.#old.some((each) => each.name === parameter.name)
    );
  }

  /** Its name means nothing: what counts is that something takes this place. */
  #comparePosition(parameter: Parameter): void {
    const now = this.#positions[this.#oldPositions.indexOf(parameter)];
    if (now === undefined && !this.#has("rest")) this.#remove(parameter);
    else if (now !== undefined) {
      this.#renamed.add(now.name);
      this.#compareNeed(parameter, now);
    }
  }

  #compareNamed(parameter: Parameter): void {
    const { name } = parameter;
    const now = this.#now.find((each) => each.name === name && (byName(each) || byPosition(each)));
    if (now === undefined) {
      this.#compareMissing(parameter);
      return;
    }
    if (byPosition(parameter) && !byPosition(now) && !this.#has("rest")) {
      const text = `${name} can be given by name only now`;
      this.#changes.breaking("parameter-kind", this.#path, text, name);
    }
    if (byName(parameter) && !byName(now) && !this.#has("keywords")) {
      const text = `${name} can be given by position only now`;
      this.#changes.breaking("parameter-kind", this.#path, text, name);
    }
    this.#compareNeed(parameter, now);
    if (now.isOptional && parameter.isOptional) this.#compareDefault(parameter, now);
  }

  #compareMissing(parameter: Parameter): void {
    const { name } = parameter;
    const at = byPosition(parameter) ? this.#oldPositions.indexOf(parameter) : -1;
    const there = this.#positions[at];
    const isOld = this.#old.some((each) => each.name === there?.name);
    if (there !== undefined && !isOld) {
      this.#renamed.add(there.name);
      const text = `${name} is called "${there.name}" now`;
      this.#changes.breaking("parameter-renamed", this.#path, text, name);
      this.#compareNeed(parameter, there);
    } else if (this.#has("keywords") && !byPosition(parameter)) {
      const text = `${name} has no place of its own any more; it goes with any other keyword argument`;
      this.#changes.changed("parameter-removed", this.#path, text, name);
    } else this.#remove(parameter);
  }

  #remove({ name }: Parameter): void {
    this.#changes.breaking("parameter-removed", this.#path, `${name} is gone`, name);
  }

  #compareNeed({ isOptional, name }: Parameter, now: Parameter): void {
    if (!isOptional || now.isOptional) return;
    this.#changes.breaking("parameter-required", this.#path, `${name} must be given now`, name);
  }

  #compareDefault({ name, default: before }: Parameter, { default: after }: Parameter): void {
    if (before === undefined || after === undefined || before === after) return;
    const text = `the default of ${name} is ${after}, and was ${before}`;
    this.#changes.changed("default", this.#path, text, name);
  }

  /** A parameter that stays and that other positional arguments reach now. */
  #compareOrder(): void {
    for (const [at, { name }] of this.#oldPositions.entries()) {
      const index = this.#positions.findIndex((each) => each.name === name);
      if (index < 0 || index === at) continue;
      const text = `${name} is positional argument ${index + 1}, and was ${at + 1}`;
      this.#changes.breaking("parameter-order", this.#path, text, name);
    }
  }

  #compareNew(parameter: Parameter): void {
    const { name, kind, isOptional } = parameter;
    if (this.#renamed.has(name) || this.#old.some((each) => each.name === name)) return;
    if (kind === "rest" || kind === "keywords") {
      if (this.#old.some((each) => each.kind === kind)) return;
    } else if (
      !isOptional &&
      (this.#wasIn("rest", parameter) || this.#wasIn("keywords", parameter))
    ) {
      const text = `${name} has a name now, and must be given`;
      this.#changes.changed("parameter-required", this.#path, text, name);
      return;
    } else if (!isOptional) {
      const text = `${name} is new and must be given`;
      this.#changes.breaking("parameter-required", this.#path, text, name);
      return;
    }
    this.#changes.added("parameter-added", this.#path, `${name} is new`, name);
  }
}

function compareTypes(before: Signature, after: Signature, path: string, changes: Changes): void {
  for (const { name, type } of before.parameters) {
    const now = after.parameters.find((each) => each.name === name);
    if (now === undefined || type === undefined || now.type === undefined) continue;
    const relation = relate(type, now.type);
    if (relation === "same") continue;
    const text = `${name} takes ${formatType(now.type)}, and took ${formatType(type)}`;
    if (relation === "less") changes.breaking("type", path, text, name);
    else changes.changed("type", path, text, name);
  }
  compareResults(before.returns, after.returns, path, changes);
}

/** What comes out may be less than before, and never more. */
export function compareResults(
  before: Signature["returns"],
  after: Signature["returns"],
  path: string,
  changes: Changes,
): void {
  if (before === undefined || after === undefined) return;
  const relation = relate(before, after);
  if (relation === "same") return;
  const text = `it gives ${formatType(after)}, and gave ${formatType(before)}`;
  if (relation === "more") changes.breaking("returns", path, text);
  else changes.changed("returns", path, text);
}
