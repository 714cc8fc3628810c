import { checkGlob, parseGlob, type GlobStep } from "./glob.ts";

const DOT = 0x2e;
/** Routes that the answers to recent look-ups may hold, all together. */
const MAX_CACHED = 16_384;

/** Where requests go whose target matches. */
export interface Route {
  /** Glob over targets; `**` takes every target. */
  readonly pattern: string;
  /** Endpoint or `@capability`. */
  readonly to: string;
  /** The highest goes first. */
  readonly priority: number;
}

/** A route in its table. */
interface Entry {
  readonly route: Route;
  /** Characters of the pattern that are no wildcards. */
  readonly literals: number;
  /** Grows with each route of the table. */
  readonly sequence: number;
}

/** What a node lets pass without moving on: nothing, all but dots, or everything. */
type Stay = "none" | "name" | "all";

/** Where the steps of a glob lead. */
class Node {
  readonly parent: Node | undefined;
  /** What leads here from the parent. */
  readonly step: GlobStep;
  readonly stay: Stay;
  /** By code point. */
  literals: Map<number, Node> | undefined;
  /** Behind `?`, `*` and `**`. */
  one: Node | undefined;
  star: Node | undefined;
  stars: Node | undefined;
  /** Routes whose pattern ends here, best first. */
  readonly entries: Entry[] = [];
  /** The last round of a look-up that came by. */
  round = 0;

  constructor(parent: Node | undefined, step: GlobStep) {
    this.parent = parent;
    this.step = step;
    this.stay = step === "*" ? "name" : step === "**" ? "all" : "none";
  }

  child(step: GlobStep): Node {
    switch (step) {
      case "?":
        return (this.one ??= new Node(this, step));
      case "*":
        return (this.star ??= new Node(this, step));
      case "**":
        return (this.stars ??= new Node(this, step));
      default: {
        this.literals ??= new Map();
        const known = this.literals.get(step);
        if (known !== undefined) return known;
        const child = new Node(this, step);
        this.literals.set(step, child);
        return child;
      }
    }
  }

  drop(step: GlobStep): void {
    if (step === "?") this.one = undefined;
    else if (step === "*") this.star = undefined;
    else if (step === "**") this.stars = undefined;
    else {
      this.literals?.delete(step);
      if (this.literals?.size === 0) this.literals = undefined;
    }
  }

  get isEmpty(): boolean {
    return (
      this.literals === undefined &&
      this.one === undefined &&
      this.star === undefined &&
      this.stars === undefined &&
      this.entries.length === 0
    );
  }
}

/**
 * Routes, found by target.
 *
 * A trie of the patterns' characters in which wildcards are nodes that stay: a look-up walks all patterns at once and costs what the target's
 * characters and the wildcards that are open at each of them cost, not what the table holds.
 */
export class RouteTable {
  readonly #root = new Node(undefined, "?");
  #size = 0;
  #sequence = 0;
  #round = 0;
  /** Routes by target, best first, since the table last changed. */
  readonly #cache = new Map<string, readonly Entry[]>();
  #cached = 0;
  /** Nodes that a look-up has come to, and those before: kept, so that a step makes no list. */
  #active: Node[] = [];
  #before: Node[] = [];
  #count = 0;

  /** How many routes there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a route and returns what removes it again.
   *
   * @throws {AmphisError} NAME_INVALID when the pattern is no glob; {RangeError} when the priority is no safe integer
   */
  add(route: Route): () => void {
    checkGlob(route.pattern);
    if (!Number.isSafeInteger(route.priority)) {
      throw new RangeError(`Cannot add route: priority must be an integer, got ${route.priority}`);
    }
    const steps = parseGlob(route.pattern);
    let node = this.#root;
    for (const step of steps) node = node.child(step);
    this.#sequence += 1;
    this.#size += 1;
    this.#forget();
    const literals = steps.filter((step) => typeof step === "number").length;
    let entry: Entry | undefined = { route, literals, sequence: this.#sequence };
    insert(node.entries, entry);
    return () => {
      if (entry === undefined) return;
      node.entries.splice(node.entries.indexOf(entry), 1);
      entry = undefined;
      this.#size -= 1;
      this.#forget();
      prune(node);
    };
  }

  /**
   * The best of the routes that match and are usable: by priority, then by how many literal characters its pattern has, then by age.
   *
   * @param usable asked from the best on; must not change the table
   */
  find(target: string, usable: (route: Route) => boolean): Route | undefined {
    for (const { route } of this.#cache.get(target) ?? this.#look(target)) {
      if (usable(route)) return route;
    }
    return undefined;
  }

  #look(target: string): readonly Entry[] {
    const entries = this.#walk(target)
      .flatMap((node) => node.entries)
      .sort(compare);
    if (this.#cached > MAX_CACHED) this.#forget();
    this.#cache.set(target, entries);
    this.#cached += entries.length + 1;
    return entries;
  }

  #forget(): void {
    this.#cache.clear();
    this.#cached = 0;
    this.#active = [];
    this.#before = [];
  }

  /** The nodes that a target leads to. */
  #walk(target: string): readonly Node[] {
    this.#count = 0;
    this.#round += 1;
    this.#enter(this.#root);
    for (let i = 0; i < target.length && this.#count > 0; i += 1) {
      const code = target.codePointAt(i) as number;
      if (code > 0xffff) i += 1;
      this.#step(code);
    }
    return this.#active.slice(0, this.#count);
  }

  #step(code: number): void {
    const count = this.#count;
    const before = this.#active;
    this.#active = this.#before;
    this.#before = before;
    this.#count = 0;
    this.#round += 1;
    for (let i = 0; i < count; i += 1) {
      const node = before[i] as Node;
      if (node.stay === "all" || (node.stay === "name" && code !== DOT)) this.#enter(node);
      const literal = node.literals?.get(code);
      if (literal !== undefined) this.#enter(literal);
      if (node.one !== undefined && code !== DOT) this.#enter(node.one);
    }
  }

  /** Makes a node active, with the stars behind it, which need no character. */
  #enter(node: Node): void {
    if (node.round === this.#round) return;
    node.round = this.#round;
    this.#active[this.#count] = node;
    this.#count += 1;
    if (node.star !== undefined) this.#enter(node.star);
    if (node.stars !== undefined) this.#enter(node.stars);
  }
}

/** Below zero when the first goes before the other. */
function compare(one: Entry, other: Entry): number {
  return (
    other.route.priority - one.route.priority ||
    other.literals - one.literals ||
    one.sequence - other.sequence
  );
}

function insert(entries: Entry[], entry: Entry): void {
  const place = entries.findLastIndex((other) => compare(other, entry) < 0) + 1;
  entries.splice(place, 0, entry);
}

/** Takes nodes out that lead nowhere. */
function prune(from: Node): void {
  let node = from;
  while (node.parent !== undefined && node.isEmpty) {
    node.parent.drop(node.step);
    node = node.parent;
  }
}
