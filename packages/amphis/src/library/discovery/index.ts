export { discover, knownLibraries } from "./discover.ts";
export type { Discovered } from "./discover.ts";
export type { DiscoverOptions, DiscoveryProgress } from "./options.ts";
