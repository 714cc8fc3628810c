import { openPython, type Python } from "amphis";
import { afterAll } from "vitest";

import { HERE } from "./opened.ts";

/** A sandbox for all tests of a file, where they do it no harm. */
export function sharedSandbox(policy: object): () => Promise<Python> {
  let py: Promise<Python> | undefined;
  afterAll(async () => (await py)?.close());
  return () =>
    (py ??= openPython({
      config: false,
      workers: 1,
      path: HERE,
      onLog: () => {},
      isolation: "sandboxed",
      policy,
    }));
}
