import type { LoadedConfig } from "../config/index.ts";
import { DEFAULT_POOL, type PoolRequest } from "./settings.ts";

/**
 * Makes sure that somebody approved the code of the configured libraries, where the configuration asks for that.
 *
 * @param pythonOf the interpreter of a pool
 * @param pools with the folders of their modules
 * @throws {AmphisError} APPROVAL_REQUIRED, APPROVALS_INVALID, LIBRARY_NOT_FOUND
 */
export async function expectConfiguredApproved(
  loaded: LoadedConfig | undefined,
  pythonOf: (pool: string) => string,
  pools: readonly PoolRequest[],
): Promise<void> {
  const { libraries = {}, policies = {} } = loaded?.config ?? {};
  const { required = "none" } = policies.approval ?? {};
  if (loaded === undefined || required === "none") return;
  const all = Object.entries(libraries).map(([name, library]) => ({
    library: name,
    module: library.module,
    package: library.package,
    python: pythonOf(library.pool ?? DEFAULT_POOL),
    path: pools.find((pool) => pool.name === (library.pool ?? DEFAULT_POOL))?.path,
  }));
  const { expectApproved } = await import("../library/index.ts");
  await expectApproved({ libraries: all, required, file: loaded.approvalsFile });
}
