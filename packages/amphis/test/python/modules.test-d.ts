import type { PyPending, Python } from "amphis";
import { expectTypeOf } from "vitest";

declare module "amphis" {
  interface PythonModules {
    "declared.by.test": { readonly version: PyPending<string>; half(x: number): PyPending<number> };
  }
}

declare const py: Python;

// Modules that were declared.
const declared = await py.import("declared.by.test");
expectTypeOf(await declared.half(3)).toBeNumber();
expectTypeOf(await py.import("declared.by.test").version).toBeString();
// @ts-expect-error it takes a number
declared.half("3");
// @ts-expect-error there is no such function
declared.double(3);
