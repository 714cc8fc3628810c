import { posix, relative, sep } from "node:path";

/** Stands for the address of a module until it is known which file it is in. */
const mark = /__MODULE_AT_\("([^"]*)"\)/g;

/**
 * Lets `import.meta.url` of a module be what it would be if each module had a file of its own: paths that are relative to a module hold,
 * whichever file it ends up in.
 *
 * @param {string} dist Folder of the modules.
 * @returns {import("rolldown").Plugin}
 */
export function modulePlaces(dist) {
  return {
    name: "module-places",
    transform(code, id) {
      if (!code.includes("import.meta.url")) return null;
      const path = relative(dist, id).split(sep).join("/");
      return code.replaceAll("import.meta.url", `__MODULE_AT_("${path}")`);
    },
    renderChunk(code, { fileName }) {
      return code.replaceAll(mark, (_, /** @type {string} */ path) => {
        const place = posix.relative(posix.dirname(fileName), path);
        return `new URL(${JSON.stringify(place.startsWith(".") ? place : `./${place}`)}, import.meta.url).href`;
      });
    },
  };
}
