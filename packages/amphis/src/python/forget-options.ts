import type { ForgetOptions } from "../library/index.ts";
import { expectKnown, expectText, expectTexts } from "./known-options.ts";

const KNOWN: Readonly<Record<keyof ForgetOptions, true>> = { library: true, functions: true };

/** Judges what is to be forgotten: a mistake must not forget all. @throws {TypeError} */
export function expectForget(options: ForgetOptions): void {
  expectKnown("forget", options, KNOWN);
  const { library, functions } = options;
  if (library !== undefined) expectText("forget", "library", library);
  if (functions === undefined) return;
  if (Array.isArray(functions)) expectTexts("forget", "functions", functions);
  else expectText("forget", "functions", functions);
}
