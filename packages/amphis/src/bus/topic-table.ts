import { checkTopicPattern, DOLLAR, endOfLevel } from "./topic.ts";

/** What the answers for recent topics may hold, all together. */
const MAX_CACHED = 8_192;

/** One value under one pattern, linked to the others of that pattern in the order in which they were added. */
class Registration<T> {
  readonly value: T;
  /** Grows with each registration of the table. */
  readonly sequence: number;
  removed = false;
  previous: Registration<T> | undefined;
  /** Kept when it is removed, so that a match that stands here finds its way on. */
  next: Registration<T> | undefined;

  constructor(value: T, sequence: number) {
    this.value = value;
    this.sequence = sequence;
  }
}

/** The values of one pattern. */
class Registrations<T> {
  #first: Registration<T> | undefined;
  #last: Registration<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(registration: Registration<T>): void {
    registration.previous = this.#last;
    if (this.#last === undefined) this.#first = registration;
    else this.#last.next = registration;
    this.#last = registration;
  }

  remove(registration: Registration<T>): void {
    const { previous, next } = registration;
    registration.removed = true;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }

  /** Visits what was there when the newest was added and is there still. */
  visit(newest: number, visit: (value: T) => void): void {
    let registration = this.#first;
    while (registration !== undefined) {
      if (!registration.removed && registration.sequence <= newest) visit(registration.value);
      registration = registration.next;
    }
  }
}

/** Where the levels of a pattern lead. */
class Node<T> {
  readonly parent: Node<T> | undefined;
  /** The level that leads here from the parent. */
  readonly level: string;
  literals: Map<string, Node<T>> | undefined;
  /** Behind the level `*`. */
  any: Node<T> | undefined;
  /** The pattern that ends here. */
  here: Registrations<T> | undefined;
  /** The pattern that ends with `#` behind this. */
  rest: Registrations<T> | undefined;

  constructor(parent: Node<T> | undefined, level: string) {
    this.parent = parent;
    this.level = level;
  }

  child(level: string): Node<T> {
    if (level === "*") return (this.any ??= new Node(this, level));
    this.literals ??= new Map();
    const known = this.literals.get(level);
    if (known !== undefined) return known;
    const child = new Node(this, level);
    this.literals.set(level, child);
    return child;
  }

  drop(level: string): void {
    if (level === "*") {
      this.any = undefined;
      return;
    }
    this.literals?.delete(level);
    if (this.literals?.size === 0) this.literals = undefined;
  }

  get isEmpty(): boolean {
    return (
      this.literals === undefined &&
      this.any === undefined &&
      this.here === undefined &&
      this.rest === undefined
    );
  }
}

/**
 * Values under topic patterns, found by topic.
 *
 * A trie by level: a match costs what the levels of the topic and the patterns that share its beginning cost, not what the table holds, and
 * less for a recent topic. The table may change while it is matched: what is removed is not visited any more, what is added not yet.
 */
export class TopicTable<T> {
  readonly #root = new Node<T>(undefined, "");
  /** The patterns that match a topic, since one was last added; those that went since hold nothing. */
  readonly #cache = new Map<string, readonly Registrations<T>[]>();
  #cached = 0;
  #size = 0;
  #sequence = 0;

  /** How many values there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a value, also one that is there already, and returns what removes it again.
   *
   * @throws {AmphisError} NAME_INVALID when the pattern is none
   */
  add(pattern: string, value: T): () => void {
    checkTopicPattern(pattern);
    const [node, slot] = this.#placeOf(pattern);
    this.#sequence += 1;
    this.#size += 1;
    const registrations = (node[slot] ??= this.#newRegistrations());
    let registration: Registration<T> | undefined = new Registration(value, this.#sequence);
    registrations.add(registration);
    return () => {
      if (registration === undefined) return;
      registrations.remove(registration);
      registration = undefined;
      this.#size -= 1;
      if (!registrations.isEmpty) return;
      node[slot] = undefined;
      prune(node);
    };
  }

  /** Visits the values of each pattern that matches; those of one pattern in the order in which they were added. */
  match(topic: string, visit: (value: T) => void): void {
    const newest = this.#sequence;
    for (const registrations of this.#cache.get(topic) ?? this.#look(topic)) {
      registrations.visit(newest, visit);
    }
  }

  #placeOf(pattern: string): [node: Node<T>, slot: "here" | "rest"] {
    let node = this.#root;
    let at = 0;
    while (at <= pattern.length) {
      if (pattern.startsWith("#", at)) return [node, "rest"];
      const end = endOfLevel(pattern, at);
      node = node.child(pattern.slice(at, end));
      at = end + 1;
    }
    return [node, "here"];
  }

  #newRegistrations(): Registrations<T> {
    this.#forget();
    return new Registrations();
  }

  #look(topic: string): readonly Registrations<T>[] {
    const found: Registrations<T>[] = [];
    if (topic.charCodeAt(0) === DOLLAR) {
      const end = endOfLevel(topic, 0);
      const child = this.#root.literals?.get(topic.slice(0, end));
      if (child !== undefined) collect(child, topic, end + 1, found);
    } else collect(this.#root, topic, 0, found);
    if (this.#cached > MAX_CACHED) this.#forget();
    this.#cache.set(topic, found);
    this.#cached += found.length + 1;
    return found;
  }

  #forget(): void {
    this.#cache.clear();
    this.#cached = 0;
  }
}

/** Finds what is below a node; the levels of the topic before `at` led there. As deep as the patterns, however long the topic. */
function collect<T>(node: Node<T>, topic: string, at: number, found: Registrations<T>[]): void {
  if (node.rest !== undefined) found.push(node.rest);
  if (at > topic.length) {
    if (node.here !== undefined) found.push(node.here);
    return;
  }
  if (node.literals === undefined && node.any === undefined) return;
  const end = endOfLevel(topic, at);
  const child = node.literals?.get(topic.slice(at, end));
  if (child !== undefined) collect(child, topic, end + 1, found);
  if (node.any !== undefined) collect(node.any, topic, end + 1, found);
}

/** Takes nodes out that lead nowhere. */
function prune<T>(from: Node<T>): void {
  let node = from;
  while (node.parent !== undefined && node.isEmpty) {
    node.parent.drop(node.level);
    node = node.parent;
  }
}
