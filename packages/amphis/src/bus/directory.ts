import { AmphisError, type ValueMap } from "@amphis/protocol";

import type { EndpointInfo, EndpointQuery, Health, HealthStatus } from "./bus.ts";
import type { EndpointInit, HubMember, RequestSink } from "./exchange.ts";
import { compileGlob } from "./glob.ts";

/** An endpoint as its hub knows it. */
export class DirectoryEntry {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly shared: boolean;
  readonly metadata: ValueMap;
  readonly member: HubMember;
  readonly sink: RequestSink;
  /** What it says of itself. */
  reported: Health = HEALTHY;
  readonly #callers: readonly ((member: string) => boolean)[] | undefined;

  constructor(member: HubMember, init: EndpointInit, sink: RequestSink) {
    this.name = init.name;
    this.capabilities = init.capabilities;
    this.shared = init.shared;
    this.metadata = init.metadata;
    this.member = member;
    this.sink = sink;
    this.#callers = init.callers?.map((glob) => compileGlob(glob));
  }

  mayBeCalledBy(member: HubMember): boolean {
    if (this.#callers === undefined || member.trusted) return true;
    return this.#callers.some((matches) => matches(member.name));
  }

  info(): EndpointInfo {
    const { name, capabilities, shared, metadata, member } = this;
    return {
      name,
      capabilities,
      peer: member.peer,
      member: member.name,
      shared,
      metadata,
      ...this.health,
    };
  }

  /** The worse of what it says of itself and how its member is. */
  get health(): Health {
    const { health } = this.member;
    return RANKS[health.status] > RANKS[this.reported.status] ? health : this.reported;
  }
}

export const HEALTHY: Health = { status: "healthy", reason: "" };

const RANKS: Readonly<Record<HealthStatus, number>> = { healthy: 0, degraded: 1, unhealthy: 2 };

/** The endpoints of a bus, by name and by capability. */
export class Directory {
  readonly #byName = new Map<string, DirectoryEntry[]>();
  readonly #byCapability = new Map<string, DirectoryEntry[]>();
  #size = 0;
  /** Where the search among equals starts, so that all get their turn. */
  #turn = 0;

  get size(): number {
    return this.#size;
  }

  /** @throws {AmphisError} ENDPOINT_EXISTS unless all of that name are shared */
  add(entry: DirectoryEntry): void {
    const { name } = entry;
    const others = this.#byName.get(name);
    if (others !== undefined && !(entry.shared && others.every(({ shared }) => shared))) {
      const message = `Cannot register endpoint: there is one of the name ${name}`;
      throw new AmphisError("ENDPOINT_EXISTS", message, { endpoint: name });
    }
    put(this.#byName, name, entry);
    for (const capability of entry.capabilities) put(this.#byCapability, capability, entry);
    this.#size += 1;
  }

  remove(entry: DirectoryEntry): void {
    take(this.#byName, entry.name, entry);
    for (const capability of entry.capabilities) take(this.#byCapability, capability, entry);
    this.#size -= 1;
  }

  has(target: string): boolean {
    return this.#of(target) !== undefined;
  }

  /** The least loaded of those that are meant and not unhealthy, if there is one; else of all. */
  choose(target: string): DirectoryEntry | undefined {
    const entries = this.#of(target);
    if (entries === undefined || entries.length === 1) return entries?.[0];
    this.#turn += 1;
    let best: DirectoryEntry | undefined;
    let bestLoad = Infinity;
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[(this.#turn + i) % entries.length] as DirectoryEntry;
      const load = entry.sink.load + (entry.health.status === "unhealthy" ? UNHEALTHY_LOAD : 0);
      if (load < bestLoad) {
        best = entry;
        bestLoad = load;
      }
    }
    return best;
  }

  find({ name, capability }: EndpointQuery): DirectoryEntry[] {
    const matches = name === undefined ? undefined : compileGlob(name);
    const found: DirectoryEntry[] = [];
    const among =
      capability === undefined ? this.#byName.values() : [this.#byCapability.get(capability) ?? []];
    for (const entries of among) {
      for (const entry of entries) if (matches?.(entry.name) ?? true) found.push(entry);
    }
    return found;
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  #of(target: string): readonly DirectoryEntry[] | undefined {
    return target.startsWith("@")
      ? this.#byCapability.get(target.slice(1))
      : this.#byName.get(target);
  }
}

/** Heavier than any real load. */
const UNHEALTHY_LOAD = 2 ** 32;

function put(map: Map<string, DirectoryEntry[]>, key: string, entry: DirectoryEntry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, [entry]);
  else entries.push(entry);
}

function take(map: Map<string, DirectoryEntry[]>, key: string, entry: DirectoryEntry): void {
  const left = (map.get(key) ?? []).filter((each) => each !== entry);
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
