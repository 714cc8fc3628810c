export { sharedMemory } from "./shared-memory.ts";
export type { SharedMemoryTransportOptions } from "./shared-memory.ts";
