const MAX_DISTANCE = 3;
const MAX_NAMES = 5;
/** A name that the other one begins with is as near as if so many characters were wrong: `sep` for `seperator`. */
const PREFIX_DISTANCE = 2;
/** Shorter ones begin too many others. */
const MIN_PREFIX = 3;

/** The names that a mistyped one may stand for, nearest first; none that shares nothing with it. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  return [...names]
    .map((name) => ({ name, distance: nearness(wanted, name) }))
    .filter(({ name, distance }) => distance <= MAX_DISTANCE && distance < name.length)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NAMES)
    .map(({ name }) => name);
}

function nearness(wanted: string, name: string): number {
  const distance = distanceOf(wanted, name);
  const [short, long] = wanted.length < name.length ? [wanted, name] : [name, wanted];
  const isPrefix = short.length >= MIN_PREFIX && long.startsWith(short);
  return isPrefix ? Math.min(distance, PREFIX_DISTANCE) : distance;
}

/** How many characters must be changed, added or removed; Infinity when the lengths alone say that it is too many. */
function distanceOf(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_DISTANCE) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= other.length; at += 1) {
      const replaced = (row[at - 1] ?? 0) + (character === other[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? Infinity;
}
