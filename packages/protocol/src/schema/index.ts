/*
 * Contracts of payloads. A schema is JSON Schema, written with `t` or by hand; `compileSchema` makes a validator of it, `compactFor` of the
 * main entry a codec, and a SchemaRegistry holds both by name and version, with the handlers of a program.
 */

export * as t from "./type.ts";
export type { Static, TSchema } from "typebox";
export { compileSchema } from "./validator.ts";
export type { Validator, ValidatorOptions } from "./validator.ts";
export { defineSchema } from "./definition.ts";
export type { SchemaDefinition } from "./definition.ts";
export { SchemaRegistry } from "./registry.ts";
export type { ContractMessage, PayloadHandler, RegisteredSchema } from "./registry.ts";
export { incompatibilities } from "./compatibility.ts";
export type { Annotations, MapOf, NumberLimits, SizeLimits } from "./type.ts";
