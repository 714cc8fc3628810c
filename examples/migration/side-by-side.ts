/* The old way and the new one, asked the same: the old one answers, and differences are told. */

import { isDeepStrictEqual } from "node:util";

// #region side-by-side
export type Outcome<T> = PromiseSettledResult<T>;

/** Gives what `before` gives, and tells when `after` gives something else. Only for calls that change nothing. */
export async function sideBySide<T>(
  before: () => PromiseLike<T>,
  after: () => PromiseLike<T>,
  differ: (before: Outcome<T>, after: Outcome<T>) => void,
): Promise<T> {
  const [old, fresh] = await Promise.allSettled([before(), after()]);
  if (!isSame(old, fresh)) differ(old, fresh);
  if (old.status === "rejected") throw old.reason;
  return old.value;
}

function isSame<T>(old: Outcome<T>, fresh: Outcome<T>): boolean {
  if (old.status === "rejected" || fresh.status === "rejected") return old.status === fresh.status;
  return isDeepStrictEqual(old.value, fresh.value);
}
// #endregion side-by-side
