export { decodeHello, encodeHello } from "./hello.ts";
export type { Hello, HelloLimits } from "./hello.ts";
export { negotiate } from "./negotiate.ts";
export type { Negotiated, NegotiateOptions } from "./negotiate.ts";
