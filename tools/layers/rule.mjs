/**
 * The layers of one package. A part is the first folder below `src`, or a file directly in `src` without its ending;
 * `index` is the face of the package, stands above every part, and is imported by none.
 *
 * @typedef {object} PackageRule
 * @property {readonly (readonly string[])[]} layers Top first. Imports point down only; the parts of one layer do not
 *   import each other. A part that is not named here is a violation.
 * @property {boolean} [pure] Whether the package runs outside Node too and so imports none of its modules.
 * @property {Readonly<Record<string, readonly string[]>>} [onlyFrom] Dependencies that only these parts may import.
 */

/** Programs that one migrates from: what they import is there only where somebody compares it with Amphis. */
export const migratedFrom = /^examples\/migration\/[^/]+\/before\.mjs$/;

/** @type {Readonly<Record<string, PackageRule>>} By folder below `packages`. */
export const packageRules = {
  protocol: {
    layers: [
      ["hello", "message", "frame"],
      ["bodies", "print"],
      ["schema"],
      ["codec"],
      ["value"],
      ["error"],
      ["near", "platform", "priority"],
    ],
    pure: true,
    onlyFrom: { typebox: ["schema"] },
  },
  grpc: { layers: [["convert"], ["generated"]] },
  native: {
    layers: [
      ["build", "load", "pack"],
      ["core", "compile"],
      ["region", "watch", "ring-watch"],
      ["ring"],
      ["ring-side"],
      ["ring-wait"],
      ["failure", "time", "place"],
      ["binding"],
    ],
  },
  amphis: {
    layers: [
      ["python"],
      ["config"],
      ["library"],
      ["pool"],
      ["bus", "worker", "hardware"],
      ["transport"],
      ["memory"],
      ["native-core", "telemetry"],
    ],
    onlyFrom: {
      ws: ["transport"],
      "@uwdata/flechette": ["memory"],
      jiti: ["config"],
      "lru-cache": ["library"],
      "smol-toml": ["config"],
      "toml-eslint-parser": ["config"],
    },
  },
  cli: {
    layers: [
      ["bin"],
      ["run"],
      ["approval-commands", "project-commands"],
      ["commands"],
      ["doctor", "standing"],
      ["project"],
      ["environments", "places"],
      ["flags", "terminal"],
    ],
    onlyFrom: { commander: ["run", "approval-commands", "project-commands"] },
  },
  conformance: { layers: [["codec"], ["transport"]] },
};
