import { AmphisError } from "@amphis/protocol";

import { compileGlob } from "./glob.ts";
import { checkTopicPattern, coversTopic, matchesTopic } from "./topic.ts";

/** Allows the members whose names match to do what it names, and nothing else. */
export interface AllowRule {
  /** Glob over the names of members. */
  readonly member: string;
  /** Globs over the targets that may be called. */
  readonly call?: readonly string[] | undefined;
  /** Patterns of the topics that may be published to. */
  readonly publish?: readonly string[] | undefined;
  /** Patterns of the topics that may be subscribed to. */
  readonly subscribe?: readonly string[] | undefined;
  /** Globs over the names of endpoints that may be registered. */
  readonly register?: readonly string[] | undefined;
  /** Whether routes may be set. @default false */
  readonly route?: boolean | undefined;
}

/** What a rule may allow. */
export type Act = "call" | "publish" | "subscribe" | "register" | "route";

type Allows = (subject: string) => boolean;
type Grants = Readonly<Record<Act, readonly Allows[]>>;

const ACTS: readonly Act[] = ["call", "publish", "subscribe", "register", "route"];
/** Members whose grants are kept ready. */
const MAX_CACHED_MEMBERS = 1_024;

/** Decides what members may do, by their names. */
export class AccessRules {
  readonly #rules: readonly (readonly [Allows, Grants])[] | undefined;
  readonly #grants = new Map<string, Grants>();

  /**
   * @param rules what is allowed; what none of them allows is denied. Undefined allows everything
   * @throws {TypeError} when a rule is not one; {AmphisError} NAME_INVALID for a glob or topic pattern
   */
  constructor(rules: readonly AllowRule[] | undefined) {
    this.#rules = rules?.map((rule) => {
      expectRule(rule);
      return [compileGlob(rule.member), grantsOf(rule)];
    });
  }

  /**
   * Passes when a rule allows it. A pattern may be subscribed to when one that is allowed covers all of it.
   *
   * @param subject target, topic, topic pattern, name of an endpoint, or glob of a route
   * @throws {AmphisError} ACCESS_DENIED
   */
  check(member: string, act: Act, subject: string): void {
    if (this.#rules === undefined) return;
    for (const allows of this.#grantsOf(member, this.#rules)[act]) if (allows(subject)) return;
    const message = `Cannot ${act} ${JSON.stringify(subject)}: no rule of the bus allows it to member ${JSON.stringify(member)}`;
    throw new AmphisError("ACCESS_DENIED", message, { member, act, subject });
  }

  #grantsOf(member: string, rules: readonly (readonly [Allows, Grants])[]): Grants {
    const known = this.#grants.get(member);
    if (known !== undefined) return known;
    if (this.#grants.size >= MAX_CACHED_MEMBERS) this.#grants.clear();
    const own = rules.filter(([matches]) => matches(member)).map(([, grants]) => grants);
    const grants = Object.fromEntries(
      ACTS.map((act) => [act, own.flatMap((each) => each[act])]),
    ) as unknown as Grants;
    this.#grants.set(member, grants);
    return grants;
  }
}

function grantsOf({ call, publish, subscribe, register, route }: AllowRule): Grants {
  return {
    call: (call ?? []).map(compileGlob),
    publish: (publish ?? []).map((pattern) => {
      checkTopicPattern(pattern);
      return (topic) => matchesTopic(pattern, topic);
    }),
    subscribe: (subscribe ?? []).map((allowed) => {
      checkTopicPattern(allowed);
      return (pattern) => coversTopic(allowed, pattern);
    }),
    register: (register ?? []).map(compileGlob),
    route: route === true ? [() => true] : [],
  };
}

/** @throws {TypeError} for what would else allow nothing without a word */
function expectRule(rule: AllowRule): void {
  if (typeof rule !== "object" || rule === null) throw invalidRule("it is no object");
  const { member, route, ...lists } = rule;
  if (typeof member !== "string") throw invalidRule("member must be a glob");
  if (route !== undefined && typeof route !== "boolean") {
    throw invalidRule("route must be a boolean");
  }
  for (const [act, list] of Object.entries<unknown>(lists)) {
    if (!(ACTS as readonly string[]).includes(act)) throw invalidRule(`there is no ${act}`);
    if (
      list !== undefined &&
      !(Array.isArray(list) && list.every((item) => typeof item === "string"))
    ) {
      throw invalidRule(`${act} must be a list of strings`);
    }
  }
}

function invalidRule(reason: string): TypeError {
  return new TypeError(`Cannot use rule of the bus: ${reason}`);
}
