export { connectionOver, hostChannel } from "./handed-over.ts";
export type { HandedOverOptions } from "./handed-over.ts";
export type { RingOptions } from "./settings.ts";
export { sharedMemory } from "./shared-memory.ts";
export type { SharedMemoryTransportOptions } from "./shared-memory.ts";
