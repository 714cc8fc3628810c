export { keyOf } from "./key.ts";
export { ResultStore } from "./result-store.ts";
export { cacheLimits, ResultCache } from "./result-cache.ts";
export type { CacheFigures, Follower } from "./result-cache.ts";
