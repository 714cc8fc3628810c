import { AmphisError, nearNames } from "@amphis/protocol";

import { matcherOf } from "./pattern.ts";

/** What of a library can be used. */
export interface MemberRules {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Judges members by their dotted names. What is below a member is part of it. */
export class Members {
  readonly #names: readonly string[];
  readonly #isIncluded: ((name: string) => boolean) | undefined;
  readonly #isExcluded: (name: string) => boolean;

  constructor({ include, exclude = [] }: MemberRules) {
    this.#names = (include ?? []).filter((pattern) => !pattern.includes("*"));
    this.#isIncluded = include === undefined ? undefined : includes(include);
    this.#isExcluded = matcherOf(exclude);
  }

  isAllowed(member: string): boolean {
    const isIncluded = this.#isIncluded?.(member) ?? true;
    return isIncluded && !selfAndAbove(member).some(this.#isExcluded);
  }

  refuse(library: string, member: string): AmphisError<"LIBRARY_MEMBER_EXCLUDED"> {
    const suggestions = nearNames(member, this.#names);
    const hint = suggestions.length > 0 ? `; did you mean ${suggestions.join(", ")}?` : "";
    return new AmphisError(
      "LIBRARY_MEMBER_EXCLUDED",
      `Cannot use ${member} of ${library}: the configuration excludes it${hint}`,
      { library, member, suggestions },
    );
  }
}

/** What is below an included member is included, and so is what leads to one. */
function includes(patterns: readonly string[]): (member: string) => boolean {
  const isMeant = matcherOf(patterns);
  const literals = patterns.map((pattern) => pattern.split("*", 1)[0] ?? "");
  return (member) =>
    selfAndAbove(member).some(isMeant) ||
    literals.some((literal) => literal.startsWith(`${member}.`));
}

/** `linalg.norm`, then `linalg`. */
function selfAndAbove(member: string): string[] {
  const names: string[] = [];
  for (let end = member.length; end > 0; end = member.lastIndexOf(".", end - 1)) {
    names.push(member.slice(0, end));
  }
  return names;
}
