import { setUp } from "./set-up.mjs";

/**
 * `npm run setup [-- --verbose]`
 *
 * @returns {Promise<number>}
 */
export async function main() {
  await setUp();
  return 0;
}
