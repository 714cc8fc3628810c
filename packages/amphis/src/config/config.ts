import { type ConfigProblem, isAmphisError } from "@amphis/protocol";

import type { LoadedConfig } from "./loaded-config.ts";
import type { ConfigOptions } from "./options.ts";
import type { ConfigWatch, WatchConfigOptions } from "./watch-config.ts";

/**
 * Puts a configuration together: the file, what it says for this stage, environment variables, and code, where the later ones win.
 *
 * ```ts
 * const { config } = await loadConfig({ config: "amphis.config.ts" });
 * ```
 *
 * @throws {AmphisError} CONFIG_INVALID with everything that is wrong; CONFIG_AMBIGUOUS, CONFIG_NOT_FOUND, CONFIG_UNTRUSTED
 */
export async function loadConfig(options: ConfigOptions = {}): Promise<LoadedConfig> {
  const { load } = await import("./load-config.ts");
  return load(options);
}

/**
 * Everything that is wrong with a configuration; empty when nothing is.
 *
 * @throws {AmphisError} CONFIG_AMBIGUOUS, CONFIG_NOT_FOUND, CONFIG_UNTRUSTED
 */
export async function checkConfig(options: ConfigOptions = {}): Promise<readonly ConfigProblem[]> {
  try {
    await loadConfig(options);
    return [];
  } catch (error) {
    if (isAmphisError(error, "CONFIG_INVALID")) return error.problems;
    throw error;
  }
}

/**
 * Follows a configuration file.
 *
 * What can change while Python is running is handed to `onChange`; what cannot is told in one line. An edit that is wrong changes nothing.
 * Only the file itself is watched, and not what it imports; a function counts as changed when its text is another. It does not keep the
 * program alive.
 *
 * @throws {AmphisError} as {@link loadConfig}; CONFIG_NOT_FOUND when there is no file
 */
export async function watchConfig(options: WatchConfigOptions): Promise<ConfigWatch> {
  const { openWatch } = await import("./watch-config.ts");
  return openWatch(options);
}
