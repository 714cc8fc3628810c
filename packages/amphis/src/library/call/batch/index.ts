export { Batcher } from "./batcher.ts";
