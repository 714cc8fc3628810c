import { expectTypeOf } from "vitest";

import type { LocalDate, Uuid } from "../value/index.ts";
import { compileSchema, defineSchema, SchemaRegistry, type Static, t } from "./index.ts";

const USER = t.object({
  id: t.uuid(),
  born: t.nullable(t.date()),
  size: t.u64(),
  photo: t.optional(t.bytes()),
  groups: t.set(t.u16()),
  limits: t.map(t.string(), t.f64()),
  names: t.map(t.u8(), t.string()),
  state: t.union([t.literal("on"), t.literal("off")]),
});

interface User {
  id: Uuid;
  born: LocalDate | null;
  size: number | bigint;
  photo?: Uint8Array;
  groups: Set<number>;
  limits: Record<string, number>;
  names: Map<number, string> | Record<string, never>;
  state: "on" | "off";
}

expectTypeOf<Static<typeof USER>>().toEqualTypeOf<User>();
expectTypeOf(compileSchema(USER).validate(null)).toEqualTypeOf<User>();
expectTypeOf(
  compileSchema({
    type: "object",
    properties: { n: { type: "number" } },
    required: ["n"],
  }).validate(null).n,
).toBeNumber();

const known: unknown = null;
if (compileSchema(t.array(t.timestamp())).check(known)) expectTypeOf(known).toEqualTypeOf<Date[]>();

new SchemaRegistry().handle(defineSchema("user", 1, USER), (payload, message) => {
  expectTypeOf(payload).toEqualTypeOf<User>();
  expectTypeOf(message.version).toBeNumber();
  // @ts-expect-error the schema has no such property
  return payload.nick as unknown;
});
