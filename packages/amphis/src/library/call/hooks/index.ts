export { hookFailed, named, startFailure } from "./hook-error.ts";
export type { HookPlace } from "./hook-error.ts";
export { Once } from "./once.ts";
export { AROUND, callHooks, hookedWork, workerChores } from "./python-hooks.ts";
export type { CallHooks } from "./python-hooks.ts";
