/** They are between neighbours; a message that is passed on has its own. */
const BETWEEN_NEIGHBOURS: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that are passed on, of those that came: names and values in turn. */
export function passedHeaders(raw: readonly string[]): Record<string, string[]> {
  const passed = new Map<string, string[]>();
  const dropped = new Set(BETWEEN_NEIGHBOURS);
  for (const [name, value] of pairs(raw)) {
    if (name !== "connection") continue;
    for (const each of value.split(",")) dropped.add(each.trim().toLowerCase());
  }
  // How long a message is must not depend on whom it is told.
  dropped.delete("content-length");
  for (const [name, value] of pairs(raw)) {
    if (!dropped.has(name)) passed.set(name, [...(passed.get(name) ?? []), value]);
  }
  return Object.fromEntries(passed);
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    (raw[index * 2] ?? "").toLowerCase(),
    raw[index * 2 + 1] ?? "",
  ]);
}
