/** What a bus counts from its opening on. */
export class Counts {
  requests = 0;
  timeouts = 0;
  cancelled = 0;
  published = 0;
  orphans = 0;
  expired = 0;
  dropped = 0;
  refused = 0;
}
