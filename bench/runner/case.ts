/** Work to be timed. Made once in a process of its own, so that no rival disturbs what the compiler learns about another. */
export interface Case {
  /** Does the work `count` times. */
  run(count: number): void;
  /** Size of what the work makes or reads, for the table. */
  readonly bytes?: number;
}

/** What a module of cases exports: makers by name. */
export type Cases = Readonly<Record<string, () => Case | Promise<Case>>>;

/** What a case's process says once it is ready, and after each round. */
export type Report =
  | { readonly kind: "ready"; readonly bytes: number | null }
  | { readonly kind: "round"; readonly nsPerRun: number }
  | { readonly kind: "failed"; readonly reason: string };
