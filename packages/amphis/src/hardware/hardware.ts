import { fallback, hardwareChange, hardwareDetect, hardwareSelect } from "../telemetry/index.ts";
import { capabilitiesOf, type HardwareCapabilities } from "./capabilities.ts";
import { changesBetween } from "./changes.ts";
import { probeCpu } from "./cpu.ts";
import { probeCuda } from "./cuda.ts";
import type { HardwareReport } from "./device.ts";
import { type HardwareIdentity, identityOf } from "./identity.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { probeMps } from "./mps.ts";
import type { Probe } from "./probe.ts";
import { probeRocm } from "./rocm.ts";
import { type DeviceWish, expectWishes, selectFrom, type Selection } from "./select.ts";

export interface HardwareOptions {
  /** Where it looks. @default this machine */
  readonly machine?: Machine | undefined;
}

export interface DetectOptions {
  /** What was found longer ago is looked up again; 0 looks always. @default Infinity */
  readonly maxAgeMs?: number | undefined;
}

const PROBES: readonly Probe[] = [probeCpu, probeCuda, probeRocm, probeMps];

/**
 * The devices of a machine.
 *
 * Looking them up runs the tools of the vendors, which takes from milliseconds to seconds, so what was found is kept; those who ask at the
 * same time share one look. It never fails: a vendor of whom nothing is found is in the report with the reason.
 */
export class Hardware {
  readonly #machine: Machine;
  #report: HardwareReport | undefined;
  #lookedAt = 0;
  #looking: Promise<HardwareReport> | undefined;

  constructor({ machine = thisMachine() }: HardwareOptions = {}) {
    this.#machine = machine;
  }

  /** The devices that there are, and why others are not. */
  detect({ maxAgeMs = Infinity }: DetectOptions = {}): Promise<HardwareReport> {
    if (!(maxAgeMs >= 0)) {
      throw new RangeError(`Cannot detect hardware as maxAgeMs must be from 0: ${maxAgeMs}`);
    }
    const isFresh = maxAgeMs > 0 && performance.now() - this.#lookedAt <= maxAgeMs;
    if (this.#report !== undefined && isFresh) return Promise.resolve(this.#report);
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** What programs can use here. */
  async capabilities(options?: DetectOptions): Promise<HardwareCapabilities> {
    return capabilitiesOf(await this.detect(options));
  }

  /** What of this machine decides over builds and results: for a lock file. */
  async identity(options?: DetectOptions): Promise<HardwareIdentity> {
    return identityOf(await this.detect(options), this.#machine);
  }

  /**
   * The first device that is there, of those wished for: `select(["cuda", "mps", "cpu"])`.
   *
   * Free memory is that of the last look; `maxAgeMs` says how old that may be.
   *
   * @throws {AmphisError} HARDWARE_UNAVAILABLE with what was found instead
   * @throws {TypeError | RangeError} when a wish is none, or names no device that there could be
   */
  async select(
    wishes: DeviceWish | readonly DeviceWish[],
    options?: DetectOptions,
  ): Promise<Selection> {
    const list = isList(wishes) ? wishes : [wishes];
    expectWishes(list);
    const selection = selectFrom(await this.detect(options), list);
    tellOfSelection(selection, list);
    return selection;
  }

  async #look(): Promise<HardwareReport> {
    const start = performance.now();
    const findings = await Promise.all(PROBES.map((probe) => probe(this.#machine)));
    const report: HardwareReport = {
      devices: findings.flatMap((finding) => (finding.kind === "found" ? finding.devices : [])),
      absent: findings.flatMap((finding) => (finding.kind === "absent" ? [finding.absence] : [])),
      at: Date.now(),
    };
    const before = this.#report;
    this.#report = report;
    this.#lookedAt = performance.now();
    tellOfLook(report, this.#lookedAt - start);
    tellOfChanges(before, report);
    return report;
  }
}

/** The devices of this machine. */
export const hardware: Hardware = new Hardware();

function isList(wishes: DeviceWish | readonly DeviceWish[]): wishes is readonly DeviceWish[] {
  return Array.isArray(wishes);
}

function tellOfLook({ devices, absent }: HardwareReport, durationMs: number): void {
  if (!hardwareDetect.hasSubscribers) return;
  hardwareDetect.publish({
    durationMs,
    devices: devices.map(({ id }) => id),
    absent: absent.map(({ kind, reason }) => ({ vendor: kind, reason })),
  });
}

function tellOfChanges(before: HardwareReport | undefined, after: HardwareReport): void {
  if (before === undefined || !hardwareChange.hasSubscribers) return;
  const changes = changesBetween(before, after);
  if (changes !== undefined) hardwareChange.publish(changes);
}

function tellOfSelection({ device, choice }: Selection, wishes: readonly DeviceWish[]): void {
  const wanted = wishes.map((wish) => (typeof wish === "string" ? wish : wish.device));
  if (hardwareSelect.hasSubscribers) {
    hardwareSelect.publish({ wanted, device: device.id, choice });
  }
  if (choice > 0 && fallback.hasSubscribers) {
    const reason = "no device that can be used satisfies what was wanted first";
    fallback.publish({ part: "device", wanted: wanted[0] ?? "", used: device.id, reason });
  }
}
