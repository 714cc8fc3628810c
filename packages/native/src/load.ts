import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { type Binding, INTERFACE_VERSION } from "./binding.ts";
import { NativeCore } from "./core.ts";
import { buildFolder, installedFolder, platformPackage, unsupported } from "./place.ts";

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
  /** Folder of `amphis.node`. @default where it was built, else the package for this platform */
  readonly folder?: string | undefined;
}

const FILE = "amphis.node";

/** Loads the native core. Never throws: without it everything still works, only slower. */
export function loadNative({ folder = usualFolder() }: LoadOptions = {}): NativeAvailability {
  const impossible = unsupported();
  if (impossible !== undefined) return { kind: "unavailable", reason: impossible };
  const file = join(folder, FILE);
  if (!existsSync(file)) {
    const reason = `${platformPackage()} is not installed, and the native core is not built; run \`npx amphis-native-build\``;
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

function usualFolder(): string {
  const built = buildFolder();
  return existsSync(join(built, FILE)) ? built : (installedFolder() ?? built);
}
