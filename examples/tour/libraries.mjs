// Which libraries the Python that is found here has.

import { openPython } from "amphis";

/** @param {readonly string[]} wanted */
export async function libraries(wanted) {
  const py = await openPython({ workers: 1 });
  try {
    const found = await Promise.all(
      wanted.map(async (name) => (await py.call("importlib.util:find_spec", [name])) !== null),
    );
    const missing = new Set(wanted.filter((_, at) => !found[at]));
    return { missing, installed: wanted.filter((name) => !missing.has(name)) };
  } finally {
    await py.close();
  }
}
