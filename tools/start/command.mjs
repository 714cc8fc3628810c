import { setUp } from "../setup/set-up.mjs";
import { runTour } from "./tour.mjs";

/**
 * `npm start`
 *
 * @param {readonly string[]} args Passed on to the tour, but for `--verbose`.
 * @returns {Promise<number>}
 */
export async function main(args) {
  const { python } = await setUp();
  return runTour(
    python,
    args.filter((argument) => argument !== "--verbose"),
  );
}
