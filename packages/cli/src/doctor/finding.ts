/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** Good, worse than it could be, or missing where nothing works without it. */
  readonly state: "good" | "limited" | "missing";
  readonly text: string;
  /** What it lacks, each with what to do about it. */
  readonly missing?: readonly string[] | undefined;
  readonly advice?: string | undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
