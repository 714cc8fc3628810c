export { IncomingValues } from "./incoming.ts";
export { Luggage, OutgoingValues } from "./outgoing.ts";
export type { Encoded } from "./outgoing.ts";
