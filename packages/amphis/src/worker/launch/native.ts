import type { NativeAvailability } from "@amphis/native";

/** The native core, where this process has it. */
export type Native = Extract<NativeAvailability, { readonly kind: "available" }>;
