import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { Placement, Tensor } from "../../src/memory/index.ts";
import { describeGuest } from "./described.ts";
import { Guest } from "./started.ts";

interface Stored {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly raw_le_c_order_sha256: string;
}

const suites =
  process.env["AMPHIS_SUITES"] ??
  fileURLToPath(new URL("../../../../../shared/suites", import.meta.url));
const folder = join(suites, "numpy");
const manifest = join(folder, "manifest.json");
/** What numbers and bools are, in the codes of NumPy; the rest is text, time, objects and structures. */
const NUMBERS = /^[|<>]?(b1|[iu][1248]|f[248]|c8|c16)$/u;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

if (!existsSync(manifest)) {
  test("arrays that NumPy wrote", ({ skip }) =>
    skip("its folder is absent; set AMPHIS_SUITES to where the suites are"));
} else {
  const { arrays } = JSON.parse(readFileSync(manifest, "utf8")) as { arrays: readonly Stored[] };

  describeGuest("arrays that NumPy wrote", () => {
    for (const path of ["shared", "inline"] as const) {
      test(`go from Python to Node and back with every byte, or are refused by name (${path})`, async () => {
        const placement = new Placement({ path, minSharedBytes: 0 });
        const guest = await Guest.start({ placement });
        const counts = { same: 0, refused: 0 };
        for (const { file, dtype, shape, raw_le_c_order_sha256: digest } of arrays) {
          const stored = join(folder, file);
          const isNumber = NUMBERS.test(dtype);
          const came = await guest.call("numpy_suite:load", stored).catch((error: unknown) => {
            if (isNumber || !isAmphisError(error, "DTYPE_UNSUPPORTED")) throw error;
            return undefined;
          });
          if (came === undefined) {
            counts.refused += 1;
            continue;
          }
          if (!(came instanceof Tensor)) {
            throw new TypeError(`Cannot take ${file}: it is no tensor`);
          }
          expect([file, came.shape]).toEqual([file, shape]);
          expect([file, sha256(came.copy().memory.bytes)]).toEqual([file, digest]);
          expect([file, await guest.call("numpy_suite:same", stored, came)]).toEqual([file, true]);
          // The same bytes from memory of this process.
          const copy = came.copy();
          came.release();
          expect([file, await guest.call("numpy_suite:same", stored, copy)]).toEqual([file, true]);
          counts.same += 1;
        }
        expect(counts.same + counts.refused).toBe(arrays.length);
        expect(counts.same).toBeGreaterThan(100);
        expect(guest.memory.arena.stats().leases).toBe(0);
      });
    }
  });
}
