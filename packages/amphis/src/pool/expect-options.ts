import { RETRY_WAITS, type Waits, waitsOf } from "./backoff.ts";
import { DEVICE_NAME } from "./device-environment.ts";
import type { EnvironmentOptions } from "./environment.ts";
import { expectIsolation } from "./isolation.ts";
import type { PoolOptions } from "./options.ts";
import { isInRange, type NumberRange, POOL_RANGES, rangeText } from "./ranges.ts";
import { workerCounts } from "./worker-counts.ts";

const PROFILES = ["process", "thread", "asyncio"];
const AFFINITIES = ["queue", "fail", "hint"];

/** Ranges by the names of options, and those of options within options. */
interface RangeTree {
  readonly [name: string]: NumberRange | RangeTree;
}

/** Options of a pool before its interpreter is known. */
export type OptionsToJudge = Omit<PoolOptions, "python">;

/**
 * Judges all options of a pool that a user can give, before anything is started.
 *
 * @throws {TypeError | RangeError} naming the option, what it can be, and what was given
 */
export function expectPoolOptions(options: OptionsToJudge): void {
  const { name, profile, preload, path, cwd, env, devices, limits, sessions } = options;
  if (name !== undefined) expectText("open pool", "name", name);
  const act = name === undefined ? "open pool" : `open pool ${name}`;
  if (profile !== undefined) expectChoice(act, "profile", profile, PROFILES);
  expectRanges(act, options, POOL_RANGES as unknown as RangeTree);
  expectTexts(act, "preload", preload);
  expectTexts(act, "path", path);
  if (cwd !== undefined) expectText(act, "cwd", cwd);
  expectFlag(act, "limits.hard", limits?.hard);
  expectFlag(act, "forkServer", options.forkServer);
  expectFlag(act, "spare", options.spare);
  if (sessions?.affinity !== undefined) {
    expectChoice(act, "sessions.affinity", sessions.affinity, AFFINITIES);
  }
  expectEnvironment(act, env);
  expectDevices(act, devices);
  expectWhole(act, options);
  expectIsolation(options);
}

/** Judges how a session is begun. @throws {TypeError | RangeError} */
export function expectSessionOptions(options: {
  readonly name?: unknown;
  readonly device?: unknown;
  readonly affinity?: unknown;
}): void {
  const { name, device, affinity } = options;
  if (name !== undefined) expectText("open session", "name", name);
  if (device !== undefined) expectText("open session", "device", device);
  if (affinity !== undefined) expectChoice("open session", "affinity", affinity, AFFINITIES);
  expectRanges("open session", options, POOL_RANGES.sessions as unknown as RangeTree);
}

/** What is wrong though each option is right by itself. */
function expectWhole(act: string, options: OptionsToJudge): void {
  const { profile = "process", threads, limits, startBackoff, retry } = options;
  if (profile === "process" && threads !== undefined) {
    throw new TypeError(
      `Cannot ${act}: threads needs the profile thread or asyncio, got ${threads} with process`,
    );
  }
  const { hard, memoryBytes, processes } = limits ?? {};
  if (hard === true && memoryBytes === undefined && processes === undefined) {
    throw new TypeError(
      `Cannot ${act}: limits.hard holds workers to other limits; give memoryBytes or processes`,
    );
  }
  expectOrder(act, "startBackoff", waitsOf(startBackoff));
  expectOrder(act, "retry.backoff", waitsOf(retry?.backoff, RETRY_WAITS));
  workerCounts(options);
}

function expectOrder(act: string, name: string, { initialMs, maxMs }: Waits): void {
  if (initialMs <= maxMs) return;
  throw new RangeError(
    `Cannot ${act}: ${name}.initialMs must be ${maxMs} at most, as maxMs is, got ${initialMs}`,
  );
}

function expectRanges(act: string, options: object, ranges: RangeTree, path = ""): void {
  for (const [name, range] of Object.entries(ranges)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    if (isRange(range)) expectNumber(act, path + name, value, range);
    else if (isRecord(value)) expectRanges(act, value, range, `${path}${name}.`);
    else refuse(act, path + name, "an object of options", value);
  }
}

function isRange(range: NumberRange | RangeTree): range is NumberRange {
  return typeof range["min"] === "number";
}

function expectNumber(act: string, name: string, value: unknown, range: NumberRange): void {
  if (typeof value !== "number") return refuse(act, name, rangeText(range), value);
  if (isInRange(value, range)) return;
  throw new RangeError(`Cannot ${act}: ${name} must be ${rangeText(range)}, got ${value}`);
}

function expectEnvironment(act: string, env: EnvironmentOptions | undefined): void {
  if (env === undefined) return;
  if (!isRecord(env)) return refuse(act, "env", "an object with allow and set", env);
  expectTexts(act, "env.allow", env.allow);
  if (env.set === undefined) return;
  if (!isRecord(env.set)) return refuse(act, "env.set", "an object of texts by name", env.set);
  for (const [name, value] of Object.entries(env.set)) {
    if (/^[^=\0]+$/u.test(name)) expectVariable(act, name, value);
    else refuse(act, "env.set", "texts by names without = and NUL", name);
  }
}

/** What it is may be a secret, so only its kind is told. */
function expectVariable(act: string, name: string, value: unknown): void {
  if (typeof value === "string" && !value.includes("\0")) return;
  const got = typeof value === "string" ? "one with NUL" : kindOf(value);
  throw new TypeError(`Cannot ${act}: env.set.${name} must be a text without NUL, got ${got}`);
}

function expectDevices(act: string, devices: unknown): void {
  if (devices === undefined) return;
  const expected = "a list of devices such as cuda:0 or cpu, one at least";
  if (!Array.isArray(devices) || devices.length === 0) refuse(act, "devices", expected, devices);
  for (const device of devices as readonly unknown[]) {
    if (typeof device !== "string") refuse(act, "devices", expected, device);
    else if (!DEVICE_NAME.test(device)) {
      const got = JSON.stringify(device);
      throw new RangeError(`Cannot ${act}: devices must be ${expected}, got ${got}`);
    }
  }
}

function expectChoice(act: string, name: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  refuse(act, name, choices.join(", "), value);
}

function expectFlag(act: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") refuse(act, name, "true or false", value);
}

function expectTexts(act: string, name: string, value: unknown): void {
  if (value === undefined) return;
  const isList = Array.isArray(value) && value.every(isText);
  if (!isList) refuse(act, name, "a list of texts that are not empty", value);
}

function expectText(act: string, name: string, value: unknown): void {
  if (!isText(value)) refuse(act, name, "a text that is not empty", value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(act: string, name: string, expected: string, value: unknown): never {
  throw new TypeError(`Cannot ${act}: ${name} must be ${expected}, got ${shown(value)}`);
}

/** What was given, in short. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  const isShort = typeof value === "number" || typeof value === "boolean";
  return isShort ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
