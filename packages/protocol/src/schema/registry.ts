import { type Codec, type CodecOptions, compactFor } from "../codec/index.ts";
import { AmphisError } from "../error/index.ts";
import { incompatibilities } from "./compatibility.ts";
import type { SchemaDefinition } from "./definition.ts";
import { identity } from "./identity.ts";
import { nearNames } from "../near.ts";
import { compileSchema, type Validator } from "./validator.ts";

const SCHEMA_DEPTH = 1_000;

/** What the registry needs of a message. `Message` of the main entry is one. */
export interface ContractMessage {
  readonly schema: string | undefined;
  readonly version: number;
  readonly payload: unknown;
}

/** Does something with the payload of a message, which has been checked against the schema. */
export type PayloadHandler<T, M = ContractMessage> = (payload: T, message: M) => unknown;

/** A schema that is registered, with what has been compiled from it. */
export interface RegisteredSchema<T = unknown> extends SchemaDefinition<T> {
  readonly validator: Validator<T>;
  /** Payloads in the compact layout. Reads what older and newer versions wrote. */
  readonly codec: Codec<T>;
}

class Registered implements RegisteredSchema {
  readonly name: string;
  readonly version: number;
  readonly schema: object | boolean;
  readonly validator: Validator<unknown>;
  readonly codec: Codec<unknown>;

  constructor({ name, version, schema }: SchemaDefinition, options: CodecOptions) {
    this.name = name;
    this.version = version;
    this.schema = schema;
    this.validator = compileSchema(schema, { name: `${name}@${version}` });
    this.codec = compactFor<unknown>(schema, { ...options, evolve: true });
  }
}

/** Versions of one schema. */
interface Family<M> {
  readonly versions: Map<number, Registered>;
  latest: Registered;
  readonly handlers: Map<number, PayloadHandler<unknown, M>>;
}

/**
 * The schemas that a program knows, by name and version, and its handlers for their payloads.
 *
 * A new version must be readable by programs that know only the one before it. Give the registry to `messageCodec` as `contracts`, and
 * payloads travel in their compact layout. `M` is what handlers get beside the payload, usually `Message`.
 */
export class SchemaRegistry<M extends ContractMessage = ContractMessage> {
  readonly #families = new Map<string, Family<M>>();
  readonly #options: CodecOptions;

  /** @param options for the codecs of payloads */
  constructor(options: CodecOptions = {}) {
    this.#options = options;
  }

  /**
   * Adds a schema. The same one again changes nothing.
   *
   * @throws {AmphisError} SCHEMA_INVALID, SCHEMA_CONFLICT for another schema under the name and version, SCHEMA_INCOMPATIBLE with the reasons
   */
  register<T>(definition: SchemaDefinition<T>): RegisteredSchema<T> {
    const { name, version } = definition;
    const family = this.#families.get(name);
    const known = family?.versions.get(version);
    if (known !== undefined) return sameOrConflict(known, definition) as RegisteredSchema<T>;
    const added = new Registered(definition, this.#options);
    if (family === undefined) {
      this.#families.set(name, {
        versions: new Map([[version, added]]),
        latest: added,
        handlers: new Map(),
      });
      return added as RegisteredSchema<T>;
    }
    refuseBreaks([...family.versions.values()], added);
    family.versions.set(version, added);
    if (version > family.latest.version) family.latest = added;
    return added as RegisteredSchema<T>;
  }

  /** @throws {AmphisError} SCHEMA_UNKNOWN, with names and versions that may have been meant */
  get(name: string, version: number): RegisteredSchema {
    return this.find(name, version) ?? this.#refuse(name, version);
  }

  find(name: string, version: number): RegisteredSchema | undefined {
    return this.#families.get(name)?.versions.get(version);
  }

  /** @throws {AmphisError} SCHEMA_UNKNOWN */
  latest(name: string): RegisteredSchema {
    return this.#families.get(name)?.latest ?? this.#refuse(name, 1);
  }

  /** For a version that is not registered here, that of the nearest one: versions read each other. */
  payloadCodec(name: string, version: number): Codec<unknown> | undefined {
    const family = this.#families.get(name);
    return family === undefined
      ? undefined
      : (family.versions.get(version) ?? nearest(family.versions, version))?.codec;
  }

  /**
   * Sets what is done with payloads of a schema, and registers that. The handler of the nearest version takes those that have none.
   *
   * @throws {AmphisError} as `register`
   */
  handle<T>(definition: SchemaDefinition<T>, handler: PayloadHandler<T, M>): void {
    this.register(definition);
    this.#families
      .get(definition.name)
      ?.handlers.set(definition.version, handler as PayloadHandler<unknown, M>);
  }

  /**
   * Checks the payload of a message and gives it to its handler, whose result is returned.
   *
   * @throws {AmphisError} SCHEMA_UNKNOWN, HANDLER_MISSING, VALIDATION_FAILED
   */
  dispatch(message: M): unknown {
    const { schema = "", version, payload } = message;
    const family = this.#families.get(schema) ?? this.#refuse(schema, version);
    const handled = nearestKey(family.handlers, version);
    const handler = handled === undefined ? undefined : family.handlers.get(handled);
    if (handled === undefined || handler === undefined) {
      throw new AmphisError(
        "HANDLER_MISSING",
        `Cannot dispatch message: nothing handles ${JSON.stringify(schema)} version ${version}`,
        { schema, version },
      );
    }
    return handler(this.get(schema, handled).validator.validate(payload), message);
  }

  #refuse(name: string, version: number): never {
    const versions = this.#families.get(name)?.versions.keys();
    const known =
      versions === undefined
        ? nearNames(name, this.#families.keys())
        : Array.from(versions, (each) => `${name}@${each}`);
    const hint = known.length === 0 ? "" : `; there is ${known.join(", ")}`;
    throw new AmphisError(
      "SCHEMA_UNKNOWN",
      `Cannot find schema ${JSON.stringify(name)} version ${version}: it is not registered${hint}`,
      { schema: name, version, known },
    );
  }
}

function sameOrConflict(
  known: Registered,
  { name, version, schema }: SchemaDefinition,
): Registered {
  if (
    known.schema === schema ||
    identity(known.schema, SCHEMA_DEPTH) === identity(schema, SCHEMA_DEPTH)
  ) {
    return known;
  }
  throw new AmphisError(
    "SCHEMA_CONFLICT",
    `Cannot register schema ${JSON.stringify(name)}: version ${version} is another schema`,
    { schema: name, version },
  );
}

/** Compares with the version before and, when they are registered out of order, with the one after. */
function refuseBreaks(versions: readonly Registered[], added: Registered): void {
  const before = versions
    .filter(({ version }) => version < added.version)
    .sort((a, b) => b.version - a.version)[0];
  const after = versions
    .filter(({ version }) => version > added.version)
    .sort((a, b) => a.version - b.version)[0];
  const reasons = [
    ...(before === undefined ? [] : incompatibilities(before.schema, added.schema)),
    ...(after === undefined ? [] : incompatibilities(added.schema, after.schema)),
  ];
  if (reasons.length === 0) return;
  const { name, version } = added;
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
  throw new AmphisError(
    "SCHEMA_INCOMPATIBLE",
    `Cannot register schema ${JSON.stringify(name)} version ${version}: ${reasons[0] ?? ""}${more}`,
    { schema: name, version, reasons },
  );
}

function nearest<T>(versions: ReadonlyMap<number, T>, wanted: number): T | undefined {
  const key = nearestKey(versions, wanted);
  return key === undefined ? undefined : versions.get(key);
}

/** The wanted version, else the highest below it, else the lowest above. */
function nearestKey(versions: ReadonlyMap<number, unknown>, wanted: number): number | undefined {
  if (versions.has(wanted)) return wanted;
  let below: number | undefined;
  let above: number | undefined;
  for (const version of versions.keys()) {
    if (version < wanted) below = Math.max(version, below ?? version);
    else above = Math.min(version, above ?? version);
  }
  return below ?? above;
}
