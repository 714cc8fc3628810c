import { Place } from "@amphis/protocol";

import type { Bus, EndpointChange, EndpointInfo, EndpointQuery, Subscription } from "./bus.ts";
import { endpointInfoOf } from "./controls.ts";
import { compileGlob } from "./glob.ts";

type Listener = (change: EndpointChange) => void;

/**
 * Tells of the endpoints that are there, then of each change.
 *
 * Changes are heard before the list is asked for, so none is missed; one that the list shows already is not told again. The list is asked
 * for again whenever the hub was lost, for what came and went meanwhile.
 *
 * @param onReopened takes what is to be done whenever the hub is back, and gives what takes that back
 */
export async function watchEndpoints(
  bus: Pick<Bus, "subscribe" | "find">,
  listener: Listener,
  query: EndpointQuery,
  onReopened: (act: () => void) => () => void,
): Promise<Subscription> {
  const watched = new WatchedEndpoints(listener, query);
  const subscription = await bus.subscribe("$endpoint.#", (payload, { target }) =>
    watched.changed(
      target.slice("$endpoint.".length).split(".")[0] as EndpointChange["kind"],
      endpointInfoOf(new Place("message", payload)),
    ),
  );
  const lookAgain = async (): Promise<void> => {
    watched.stop();
    watched.start(await bus.find(query));
  };
  // When the hub is lost once more meanwhile, the next time is soon enough.
  const leave = onReopened(() => void lookAgain().catch(() => undefined));
  void subscription.ended.then(leave);
  try {
    await lookAgain();
    return subscription;
  } catch (error) {
    await subscription.close();
    throw error;
  }
}

const GONE_MEANWHILE = {
  status: "unhealthy",
  reason: "it was gone when the hub was reached again",
} as const;

function keyOf({ peer, name }: EndpointInfo): string {
  return `${peer} ${name}`;
}

class WatchedEndpoints {
  readonly #listener: Listener;
  readonly #isWanted: (endpoint: EndpointInfo) => boolean;
  readonly #known = new Map<string, EndpointInfo>();
  /** What came before the list did. */
  #early: EndpointChange[] | undefined = [];

  constructor(listener: Listener, { name, capability }: EndpointQuery) {
    this.#listener = listener;
    const matches = name === undefined ? undefined : compileGlob(name);
    this.#isWanted = (endpoint) =>
      (matches?.(endpoint.name) ?? true) &&
      (capability === undefined || endpoint.capabilities.includes(capability));
  }

  /** Until it is started again, changes wait. */
  stop(): void {
    this.#early = [];
  }

  start(endpoints: readonly EndpointInfo[]): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const there = new Set(endpoints.map(keyOf));
    for (const [key, endpoint] of this.#known) {
      if (!there.has(key)) this.changed("down", { ...endpoint, ...GONE_MEANWHILE });
    }
    for (const endpoint of endpoints) {
      this.changed(this.#known.has(keyOf(endpoint)) ? "health" : "up", endpoint);
    }
    for (const { kind, endpoint } of early) this.changed(kind, endpoint);
  }

  changed(kind: EndpointChange["kind"], endpoint: EndpointInfo): void {
    if (!this.#isWanted(endpoint)) return;
    if (this.#early !== undefined) {
      this.#early.push({ kind, endpoint });
      return;
    }
    const key = keyOf(endpoint);
    const known = this.#known.get(key);
    if ((kind === "up") === (known !== undefined)) return;
    if (
      kind === "health" &&
      known?.status === endpoint.status &&
      known.reason === endpoint.reason
    ) {
      return;
    }
    if (kind === "down") this.#known.delete(key);
    else this.#known.set(key, endpoint);
    this.#listener({ kind, endpoint });
  }
}
