import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { type Binding, INTERFACE_VERSION } from "./binding.ts";
import { NativeCore } from "./core.ts";
import { buildFolder, unsupported } from "./place.ts";

/** The native core, or why there is none. */
export type NativeAvailability =
  | {
      readonly kind: "available";
      readonly core: NativeCore;
      /** Where its files lie: Python finds its extension there when `AMPHIS_NATIVE` names it. */
      readonly folder: string;
    }
  | { readonly kind: "unavailable"; readonly reason: string };

export interface LoadOptions {
  /** Folder of `amphis.node`. @default where `build` puts it */
  readonly folder?: string | undefined;
}

/** Loads the native core. Never throws: without it everything still works, only slower. */
export function loadNative({ folder = buildFolder() }: LoadOptions = {}): NativeAvailability {
  const impossible = unsupported();
  if (impossible !== undefined) return { kind: "unavailable", reason: impossible };
  const file = join(folder, "amphis.node");
  if (!existsSync(file)) {
    const reason = "the native core is not built; run `node packages/native/dist/build.js`";
    return { kind: "unavailable", reason };
  }
  try {
    const binding = createRequire(import.meta.url)(file) as Binding;
    if (binding.interfaceVersion === INTERFACE_VERSION) {
      return { kind: "available", core: new NativeCore(binding), folder };
    }
    const reason = `the native core has interface ${binding.interfaceVersion}, and ${INTERFACE_VERSION} is needed; build it anew`;
    return { kind: "unavailable", reason };
  } catch (error) {
    const reason = `the native core cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: "unavailable", reason };
  }
}
