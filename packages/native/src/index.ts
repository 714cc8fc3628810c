export { loadNative } from "./load.ts";
export type { LoadOptions, NativeAvailability } from "./load.ts";
export type { NativeCore, PeerCredentials, ReceivedDescriptors } from "./core.ts";
export { MAX_VIEW_BYTES } from "./region.ts";
export type { FutexOutcome, Region } from "./region.ts";
export type { RingConsumer, RingPlace, RingProducer, RingWait } from "./ring.ts";
export type { Doorbell, Watch } from "./watch.ts";
