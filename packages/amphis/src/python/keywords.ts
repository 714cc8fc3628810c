/** Keyword arguments of a call, made by {@link kw}. */
export class Keywords<
  out Values extends object = Readonly<Record<string, unknown>>,
  out Names extends PropertyKey = keyof Values,
> {
  /** For the compiler alone: names that a function does not have are none of its keyword arguments. */
  declare readonly "~keywords": Names;
  readonly values: Values;

  constructor(values: Values) {
    this.values = values;
  }
}

/**
 * Marks keyword arguments; stands last among the arguments: `df.sort_values("x", kw({ ascending: false }))`.
 *
 * A plain object without it is an argument like any other, a `dict` of Python. Keywords whose value is `undefined` are left out.
 *
 * @throws {TypeError} for anything but a plain object
 */
export function kw<const Values extends object>(values: Values): Keywords<Values> {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new TypeError("Cannot use keyword arguments: kw() takes an object with their names");
  }
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return new Keywords(Object.fromEntries(given) as Values);
}

/** Arguments as Python tells them apart. */
export interface Arguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
}

/** @throws {TypeError} when keywords stand anywhere but at the end */
export function splitArguments(given: readonly unknown[]): Arguments {
  const last = given.length - 1;
  for (let index = 0; index < last; index += 1) {
    if (given[index] instanceof Keywords) {
      throw new TypeError("Cannot call: kw(...) must be the last argument, and there can be one");
    }
  }
  const keywords = given[last];
  if (!(keywords instanceof Keywords)) return { args: given, kwargs: undefined };
  return { args: given.slice(0, last), kwargs: (keywords as Keywords).values };
}
