import type { Connection } from "../transport.ts";
import type { PoolSettings } from "./contract.ts";

/**
 * Whether the health check takes the connection, within its time.
 *
 * A check that ignores its signal is left behind; the connection is closed under it.
 *
 * @param until ends the check, with the answer no
 */
export async function isHealthy(
  connection: Connection,
  settings: PoolSettings,
  until: AbortSignal,
): Promise<boolean> {
  const { healthCheck, healthCheckTimeoutMs, clock } = settings;
  if (healthCheck === undefined) return true;
  const controller = new AbortController();
  const stop = (): void => controller.abort(until.reason);
  const ended = new Promise<boolean>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(false), { once: true });
  });
  const stopTimer = clock.after(
    healthCheckTimeoutMs,
    () => controller.abort(new Error("Cannot finish health check: its time is up")),
    "foreground",
  );
  until.addEventListener("abort", stop);
  void connection.closed.then(() => controller.abort(new Error("The connection has ended")));
  try {
    return await Promise.race([ended, check(healthCheck, connection, controller.signal)]);
  } finally {
    stopTimer();
    until.removeEventListener("abort", stop);
  }
}

async function check(
  healthCheck: NonNullable<PoolSettings["healthCheck"]>,
  connection: Connection,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await healthCheck(connection, signal);
    return true;
  } catch {
    // Whatever it throws is its way to say no.
    return false;
  }
}
