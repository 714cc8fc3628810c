import { brokered, direct } from "./amphis.ts";
import { bare } from "./bare.ts";
import { nats } from "./nats.ts";
import type { System } from "./system.ts";
import { zeromq } from "./zeromq.ts";

export type { Reading, Sender } from "./system.ts";

export const systems: Readonly<Record<SystemName, System>> = {
  bare,
  amphis: direct,
  "amphis, hub apart": brokered,
  nats,
  zeromq,
};

export type SystemName = "bare" | "amphis" | "amphis, hub apart" | "nats" | "zeromq";
