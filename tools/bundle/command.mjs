import { placesOf } from "../setup/root.mjs";
import { bundle } from "./bundle.mjs";

/**
 * `node tools/bundle.mjs`, the second half of `npm run build`
 *
 * @returns {Promise<number>}
 */
export async function main() {
  await bundle(placesOf().root);
  return 0;
}
