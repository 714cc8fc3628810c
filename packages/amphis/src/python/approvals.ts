import { join } from "node:path";

import type { LoadedConfig } from "../config/index.ts";
import { DEFAULT_POOL } from "./settings.ts";

const FILE = "amphis.approvals.json";

/**
 * Makes sure that somebody approved the code of the configured libraries, where the configuration asks for that.
 *
 * @param pythonOf the interpreter of a pool
 * @throws {AmphisError} APPROVAL_REQUIRED, APPROVALS_INVALID, LIBRARY_NOT_FOUND
 */
export async function expectConfiguredApproved(
  loaded: LoadedConfig | undefined,
  pythonOf: (pool: string) => string,
): Promise<void> {
  const { libraries = {}, policies = {} } = loaded?.config ?? {};
  const { required = "none", file } = policies.approval ?? {};
  if (loaded === undefined || required === "none") return;
  const all = Object.entries(libraries).map(([name, library]) => ({
    library: library.module ?? name,
    package: library.package,
    python: pythonOf(library.pool ?? DEFAULT_POOL),
  }));
  const { expectApproved } = await import("../library/index.ts");
  await expectApproved({ libraries: all, required, file: file ?? join(loaded.folder, FILE) });
}
