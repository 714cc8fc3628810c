import { afterAll, describe, test } from "vitest";

import { buildNode, buildPython } from "../src/build.ts";
import type { BuildOutcome } from "../src/compile.ts";
import { loadNative, type NativeAvailability, type NativeCore } from "../src/index.ts";

function open(): NativeAvailability {
  const built = wellBuilt(buildNode());
  return built.kind === "built" ? loadNative() : built;
}

/** Tests are skipped where something is missing, and fail where sources do not compile. */
export function wellBuilt(
  outcome: BuildOutcome,
): { readonly kind: "built"; readonly path: string } | { kind: "unavailable"; reason: string } {
  const { kind } = outcome;
  if (kind === "failed") throw new Error(outcome.reason);
  return kind === "built" ? outcome : { kind, reason: outcome.reason };
}

/** The core as it is built from the sources now. */
export const native: NativeAvailability = open();

const python: string | undefined = process.env["AMPHIS_PYTHON"];
const extension = wellBuilt(
  python === undefined
    ? { kind: "unavailable", reason: "AMPHIS_PYTHON names no interpreter; run them with npm test" }
    : buildPython(python),
);

/** Tests of the core; one line says why they are skipped where it is unavailable. */
export function describeNative(name: string, tests: (core: NativeCore) => void): void {
  if (native.kind === "available") {
    const { core } = native;
    describe(`${name}`, () => {
      tests(core);
    });
    return;
  }
  test(`${name}: tests`, ({ skip }) => skip(native.kind === "unavailable" ? native.reason : ""));
}

/** The same for tests that need an interpreter with the extension too. */
export function describePython(
  name: string,
  tests: (core: NativeCore, interpreter: string) => void,
): void {
  const interpreter = python;
  if (interpreter !== undefined && extension.kind === "built") {
    describeNative(name, (core) => tests(core, interpreter));
    return;
  }
  test(`${name}: tests`, ({ skip }) =>
    skip(extension.kind === "unavailable" ? extension.reason : ""));
}

/** Disposes of things at the end of a test file, last first. */
export function keeper(): <T extends Disposable>(thing: T) => T {
  const kept: Disposable[] = [];
  afterAll(() => {
    for (const thing of kept.reverse()) thing[Symbol.dispose]();
  });
  return (thing) => {
    kept.push(thing);
    return thing;
  };
}
