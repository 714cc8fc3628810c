export { IncomingValues } from "./incoming.ts";
export { Typed } from "./typed.ts";
export type { TypedValues } from "./typed.ts";
export { Luggage, OutgoingValues } from "./outgoing.ts";
export type { Encoded } from "./outgoing.ts";
