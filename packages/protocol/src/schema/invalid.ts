import { AmphisError } from "../error/index.ts";

/** The error of a schema that cannot be compiled. */
export function schemaInvalid(path: string, reason: string): AmphisError<"SCHEMA_INVALID"> {
  return new AmphisError(
    "SCHEMA_INVALID",
    `Cannot compile schema: ${reason} at ${path === "" ? "the root" : path}`,
    { path, reason },
  );
}

/** One step of a JSON pointer. */
export function pointerStep(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
