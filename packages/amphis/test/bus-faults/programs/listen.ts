import { openBus } from "amphis/bus";

/** Tries to be the hub at an address, and says on standard output what went wrong. */
try {
  await using _ = await openBus({ listen: process.argv[2] ?? "" });
  process.stdout.write("{}");
} catch (error) {
  const { code, context } = error as { code?: string; context?: { reason?: string } };
  process.stdout.write(JSON.stringify({ code, reason: context?.reason }));
}
