import { nearNames } from "@amphis/protocol";

/**
 * Refuses options that nobody would read; most are typing mistakes.
 *
 * @param act what cannot be done: `open Python`
 * @throws {TypeError} naming the option, and the one that may have been meant
 */
export function expectKnown(
  act: string,
  options: unknown,
  known: Readonly<Record<string, true>>,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`Cannot ${act}: options must be an object, got ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const [near] = nearNames(name, Object.keys(known));
    const list = Object.keys(known).join(", ");
    const hint = near === undefined ? `known are ${list}` : `did you mean ${near}?`;
    throw new TypeError(`Cannot ${act}: there is no option ${JSON.stringify(name)}; ${hint}`);
  }
}

export function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

/** @throws {TypeError} */
export function expectBoolean(act: string, option: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new TypeError(`Cannot ${act}: ${option} must be true or false, got ${kindOf(value)}`);
}

/** @throws {TypeError} */
export function expectFunction(act: string, option: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`Cannot ${act}: ${option} must be a function, got ${kindOf(value)}`);
}

/** @throws {TypeError} unless it is a text that is not empty */
export function expectText(act: string, option: string, value: unknown): void {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return;
  const got = typeof value === "string" ? JSON.stringify(value) : kindOf(value);
  throw new TypeError(`Cannot ${act}: ${option} must be a text that is not empty, got ${got}`);
}

/** @throws {TypeError} unless it is a list of texts that are not empty */
export function expectTexts(act: string, option: string, value: unknown): void {
  const isList =
    Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
  if (isList) return;
  throw new TypeError(`Cannot ${act}: ${option} must be a list of names, got ${kindOf(value)}`);
}
