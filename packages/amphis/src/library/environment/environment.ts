/** A package of an environment. */
export interface PackageVersion {
  /** In small letters, with hyphens. */
  readonly name: string;
  readonly version: string;
}

/** A Python with packages, ready for workers. */
export interface Environment {
  readonly name: string;
  /** `made` by Amphis, or `existing` and taken as it is. */
  readonly kind: "made" | "existing";
  readonly prefix: string;
  /** Path of its Python. */
  readonly python: string;
  /** Version of its Python. */
  readonly version: string;
  /** By name. */
  readonly packages: readonly PackageVersion[];
  /** Path of the lock that it was made from. */
  readonly lock: string | undefined;
  /** What is not as it was when versions were chosen, and does no harm by itself. */
  readonly notes: readonly string[];
}
