/** Priorities of frames and messages, in the order of their numbers on the wire. */
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;

export type Priority = (typeof PRIORITIES)[number];
