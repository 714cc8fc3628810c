/** Milliseconds since the process began, and what its threads have computed until then. */
export interface Moment {
  readonly atMs: number;
  readonly cpuMs: number;
}

/** What one program tells of its beginning. */
export interface Moments {
  readonly loaded: Moment;
  readonly opened: Moment;
  readonly answered: Moment;
}

export function moment(): Moment {
  const atMs = performance.now();
  const { user, system } = process.cpuUsage();
  return { atMs, cpuMs: (user + system) / 1_000 };
}

/** The last line of a program, which ends then. */
export function tell(moments: Moments): void {
  console.log(JSON.stringify(moments));
}
