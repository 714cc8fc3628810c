export { Gate } from "./gate.ts";
export type { Passer } from "./gate.ts";
