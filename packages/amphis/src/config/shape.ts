/*
 * What a value of the configuration may be. One definition gives the check of files, the reading of environment variables, the JSON Schema
 * and what can change at run time; the type parameter holds it to the TypeScript types that users see.
 */

import type { NumberRange } from "../pool/index.ts";

declare const VALUE: unique symbol;

interface Common {
  /** A change takes effect while Python is running. */
  readonly live?: boolean | undefined;
  /** It is never printed. */
  readonly secret?: boolean | undefined;
}

export interface TextShape extends Common {
  readonly kind: "text";
  readonly pattern?: RegExp | undefined;
  /** In words, for messages: `the name of a module`. */
  readonly what?: string | undefined;
  /** Relative ones start at the folder of the file. A command has no slash, and stays. */
  readonly path?: "path" | "command" | undefined;
  /** As a key, told apart by capitals, as names of environment variables are. */
  readonly capitals?: boolean | undefined;
}

export interface NumberShape extends Common, NumberRange {
  readonly kind: "number";
}

export interface FlagShape extends Common {
  readonly kind: "flag";
}

export interface ChoiceShape extends Common {
  readonly kind: "choice";
  readonly values: readonly string[];
}

/** A function of TypeScript; there is none in JSON, TOML or variables. */
export interface CodeShape extends Common {
  readonly kind: "code";
}

export interface ListShape extends Common {
  readonly kind: "list";
  /** Fewest items. @default 0 */
  readonly least?: number | undefined;
  readonly item: AnyShape;
}

export interface RecordShape extends Common {
  readonly kind: "record";
  readonly key: TextShape;
  readonly item: AnyShape;
}

export interface ObjectShape extends Common {
  readonly kind: "object";
  /** Of the interface that it is the shape of. */
  readonly name: string;
  readonly fields: Readonly<Record<string, AnyShape>>;
  readonly required: readonly string[];
}

export interface UnionShape extends Common {
  readonly kind: "union";
  readonly options: readonly AnyShape[];
}

export type AnyShape =
  | TextShape
  | NumberShape
  | FlagShape
  | ChoiceShape
  | CodeShape
  | ListShape
  | RecordShape
  | ObjectShape
  | UnionShape;

/** The shape of a type. Neither a wider nor a narrower type has the same. */
export type Shape<T> = AnyShape & { readonly [VALUE]?: (value: T) => T };

type Fields<T> = { readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> };

type RequiredKeys<T> = {
  [K in keyof T]-?: undefined extends T[K] ? never : K & string;
}[keyof T];

/** @param what for messages; without a pattern, anything but an empty text */
export function text<T extends string = string>(what?: string, pattern?: RegExp): Shape<T> {
  return { kind: "text", what, pattern };
}

/** Names that are taken as they are where they stand in the name of an environment variable. */
export function variableName(): Shape<string> {
  const what = "the name of an environment variable";
  return { kind: "text", what, pattern: /^[^=\0]+$/u, capitals: true };
}

export function path(): Shape<string> {
  return { kind: "text", what: "a path", path: "path" };
}

export function command(what: string, pattern: RegExp): Shape<string> {
  return { kind: "text", what, pattern, path: "command" };
}

/** A whole number. */
export function count(min: number): Shape<number> {
  return { kind: "number", min, whole: true };
}

export function number(min: number, max?: number): Shape<number> {
  return { kind: "number", min, max, whole: false };
}

/** As what it stands for is judged elsewhere. */
export function ranged(range: NumberRange): Shape<number> {
  return { kind: "number", ...range };
}

export function flag(): Shape<boolean> {
  return { kind: "flag" };
}

export function choice<const T extends string>(...values: readonly T[]): Shape<T> {
  return { kind: "choice", values };
}

export function code<T>(): Shape<T> {
  return { kind: "code" };
}

/** @param least fewest items */
export function list<T>(item: Shape<T>, least = 0): Shape<readonly T[]> {
  return { kind: "list", item, least };
}

export function record<T>(key: Shape<string>, item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return { kind: "record", key: key as TextShape, item };
}

/** The compiler sees to it that no field is missing, and that each has the type that users see. */
export function object<T>(
  name: string,
  fields: Fields<T>,
  required: readonly RequiredKeys<T>[] = [],
): Shape<T> {
  return { kind: "object", name, fields: fields as ObjectShape["fields"], required };
}

export function either<A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> {
  return { kind: "union", options: [one, other] };
}

/** The same, that takes effect while Python is running. */
export function live<T>(shape: Shape<T>): Shape<T> {
  return { ...shape, live: true };
}

/** The same, that is never printed. */
export function secret<T>(shape: Shape<T>): Shape<T> {
  return { ...shape, secret: true };
}
