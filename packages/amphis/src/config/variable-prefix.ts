/** Variables whose names begin with it are options: `AMPHIS__POOLS__DEFAULT__WORKERS`. */
export const VARIABLE_PREFIX = "AMPHIS__";

/** Whether any environment variable is an option. */
export function hasVariables(env: Readonly<Record<string, string | undefined>>): boolean {
  return Object.keys(env).some((name) => name.startsWith(VARIABLE_PREFIX));
}
