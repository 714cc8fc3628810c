export { IncomingValues } from "./incoming.ts";
export type { IncomingActs } from "./incoming.ts";
export { Luggage, OutgoingValues } from "./outgoing.ts";
export type { Encoded, OutgoingActs, ValueFrame } from "./outgoing.ts";
