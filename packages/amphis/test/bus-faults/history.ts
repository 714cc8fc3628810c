/*
 * What publishers and subscribers of a bus saw, and whether it is what the bus promises.
 *
 * An event is told by its sender, its topic and its number; numbers grow by one for each sender, across its topics. What was published
 * while the bus lost nothing is `calm`; around a loss, messages may be missing, and nothing else may be wrong. What somebody misses of one
 * sender then is one run: what was on its way when the connection went, and what came before it was there again.
 */

/** One event, as its sender knows it. */
export interface Publication {
  readonly sender: string;
  readonly topic: string;
  readonly number: number;
  /** `calm`, or the name of the loss that happened meanwhile. */
  readonly phase: string;
  /** Whether `publish` resolved. */
  readonly accepted: boolean;
}

/** One event, as it reached a subscriber; in the order in which they came. */
export interface Delivery {
  readonly subscriber: string;
  readonly sender: string;
  readonly topic: string;
  readonly number: number;
}

/** Who subscribed, and to what. */
export interface Subscriber {
  readonly name: string;
  readonly group?: string;
  readonly wants: (event: Pick<Publication, "sender" | "topic" | "number">) => boolean;
}

export interface History {
  readonly publications: readonly Publication[];
  readonly deliveries: readonly Delivery[];
  readonly subscribers: readonly Subscriber[];
}

export interface Problem {
  readonly kind:
    | "duplicate"
    | "reordered"
    | "unpublished"
    | "refused"
    | "unwanted"
    | "group"
    | "lost"
    | "gap"
    | "stranger";
  /** The event, and whom it reached or missed: `prices a 7 to s1`. */
  readonly event: string;
}

export interface Verdict {
  readonly problems: readonly Problem[];
  /** Accepted events that somebody missed around a loss, once for each audience that missed it. */
  readonly missing: number;
  readonly accepted: number;
  readonly refused: number;
  /** What was delivered, to all together. */
  readonly delivered: number;
}

/** Compares what was delivered with what was published. */
export function check(history: History): Verdict {
  const published = new Map(history.publications.map((event) => [keyOf(event), event]));
  const subscribers = new Map(history.subscribers.map((each) => [each.name, each]));
  const problems: Problem[] = [];
  const reached = new Map<string, Set<string>>();
  const last = new Map<string, number>();
  for (const delivery of history.deliveries) {
    const subscriber = subscribers.get(delivery.subscriber);
    const report = (kind: Problem["kind"]): void =>
      void problems.push({ kind, event: `${keyOf(delivery)} to ${delivery.subscriber}` });
    if (subscriber === undefined) {
      report("stranger");
      continue;
    }
    judgeOrigin(delivery, published.get(keyOf(delivery)), subscriber, report);
    judgeAudience(delivery, subscriber, reached, report);
    judgeOrder(delivery, last, report);
  }
  const missing = missed(history, reached, problems);
  const accepted = history.publications.filter((event) => event.accepted).length;
  const refused = history.publications.length - accepted;
  return { problems, missing, accepted, refused, delivered: history.deliveries.length };
}

type Report = (kind: Problem["kind"]) => void;

function judgeOrigin(
  delivery: Delivery,
  origin: Publication | undefined,
  subscriber: Subscriber,
  report: Report,
): void {
  if (origin === undefined) report("unpublished");
  else if (!origin.accepted) report("refused");
  if (!subscriber.wants(delivery)) report("unwanted");
}

/** A subscriber without a group is an audience of its own, and each audience hears an event once. */
function judgeAudience(
  delivery: Delivery,
  subscriber: Subscriber,
  reached: Map<string, Set<string>>,
  report: Report,
): void {
  const audience = audienceOf(subscriber);
  const key = `${keyOf(delivery)} to ${audience}`;
  const before = reached.get(key);
  if (before === undefined) reached.set(key, new Set([subscriber.name]));
  else {
    report(before.has(subscriber.name) ? "duplicate" : "group");
    before.add(subscriber.name);
  }
}

function judgeOrder(delivery: Delivery, last: Map<string, number>, report: Report): void {
  const { subscriber, sender, topic, number } = delivery;
  const stream = `${sender} ${topic} ${subscriber}`;
  const before = last.get(stream) ?? -1;
  if (number < before) report("reordered");
  else last.set(stream, number);
}

function missed(
  { publications, subscribers }: History,
  reached: ReadonlyMap<string, unknown>,
  problems: Problem[],
): number {
  let missing = 0;
  const audiences = new Map(subscribers.map((each) => [audienceOf(each), each]));
  const runs = new Runs();
  for (const event of publications) {
    if (!event.accepted) continue;
    for (const [audience, { wants, group }] of audiences) {
      if (!wants(event)) continue;
      const key = `${keyOf(event)} to ${audience}`;
      const isMissing = !reached.has(key);
      if (isMissing && event.phase === "calm") problems.push({ kind: "lost", event: key });
      else if (isMissing) missing += 1;
      // Of those that share, each loses what was on its way to it, so there may be several runs.
      const run = `${audience} ${event.sender} ${event.phase}`;
      if (group === undefined && runs.isSecond(run, isMissing)) {
        problems.push({ kind: "gap", event: key });
      }
    }
  }
  return missing;
}

/** Runs of missing events, each of one audience, sender and phase. */
class Runs {
  readonly #open = new Map<string, boolean>();

  /** Takes the next event. @returns whether another run begins with it than the first */
  isSecond(name: string, isMissing: boolean): boolean {
    const open = this.#open.get(name);
    if (isMissing) this.#open.set(name, true);
    else if (open !== undefined) this.#open.set(name, false);
    return isMissing && open === false;
  }
}

function audienceOf({ name, group }: Subscriber): string {
  return group === undefined ? name : `group ${group}`;
}

function keyOf({
  sender,
  topic,
  number,
}: Pick<Publication, "sender" | "topic" | "number">): string {
  return `${topic} ${sender} ${number}`;
}
