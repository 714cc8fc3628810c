/*
 * The configuration of a project: what its file says, and variables and code over it. Start with `defineConfig`, `loadConfig` reads. Only what
 * is asked for is loaded: a program without a configuration pays for a look at a few folders.
 */

export { defineConfig } from "./options.ts";
export type { AmphisConfig, ConfigLayer, ConfigOptions, PoolConfig } from "./options.ts";
export { checkConfig, loadConfig, watchConfig } from "./config.ts";
export type { ConfigExplanation, ConfigOrigin, LoadedConfig } from "./loaded-config.ts";
export type { ConfigProblem } from "@amphis/protocol";

// Following the file
export type { ConfigChange, ConfigDiff } from "./changes.ts";
export type { ConfigWatch, WatchConfigOptions } from "./watch-config.ts";

// Options of libraries, environments and policies
export type {
  AllowOptions,
  ApprovalOptions,
  BatchingOptions,
  FilePolicyOptions,
  HookCall,
  HookContext,
  Isolation,
  LibraryHooks,
  LibraryOptions,
  PolicyOptions,
  PureFunctionOptions,
  PythonEnvironmentOptions,
  PythonReference,
  RateLimitOptions,
  SerializerOptions,
  TraceOptions,
  TypeScriptSerializer,
  WorkerHook,
} from "../library/index.ts";

// For who opens Python, and for tools
export type {
  ConfiguredEnvironment,
  ConfiguredEnvironmentsOptions,
} from "./configured-environments.ts";
export type { ConfiguredLibrary } from "./configured-libraries.ts";
export { CONFIG_FILES, findConfig } from "./find-config.ts";
export { merged } from "./merge.ts";
export { hasVariables } from "./variable-prefix.ts";
