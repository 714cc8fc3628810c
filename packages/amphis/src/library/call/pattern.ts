/** Whether a name is what patterns mean, in which `*` stands for anything. The time is the length of the name times that of the pattern. */
export function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const globs = patterns
    .filter((pattern) => pattern.includes("*"))
    .map((pattern) => pattern.split(/\*+/u));
  if (globs.length === 0) return (name) => exact.has(name);
  return (name) => exact.has(name) || globs.some((parts) => matches(parts, name));
}

/** Each part but the last is taken where it comes first, which leaves most for the others. */
function matches(parts: readonly string[], name: string): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}

/** The value of the last pattern that means a name, as what is said later is said more exactly. */
export function lastMatch<T>(
  patterns: Readonly<Record<string, T>>,
): (name: string) => T | undefined {
  const all = Object.entries(patterns)
    .map(([pattern, value]) => ({ isMeant: matcherOf([pattern]), value }))
    .toReversed();
  return (name) => all.find(({ isMeant }) => isMeant(name))?.value;
}
