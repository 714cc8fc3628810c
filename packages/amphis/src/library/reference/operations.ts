import type { LibraryModel } from "../model/index.ts";
import type { ReferenceServer, ServeReferenceOptions } from "./serve.ts";
import type { WriteReferenceOptions, WrittenReference } from "./write.ts";

/*
 * What is done with a reference site. It is loaded when it is first used: programs that call libraries need none.
 */

/**
 * Writes a reference site of libraries: static pages with everything in Python and in TypeScript, and a search.
 *
 * It works from the disk and from any host, under any path. All of it is made aside first: a run that fails leaves an earlier site as it was.
 * Only files that such a run wrote are replaced or removed.
 *
 * @throws {AmphisError} REFERENCE_FOLDER_TAKEN when a file of somebody else is in the way; REFERENCE_NOT_WRITTEN when the disk refuses
 */
export async function writeReference(
  models: readonly LibraryModel[],
  options: WriteReferenceOptions,
): Promise<WrittenReference> {
  const { write } = await import("./write.ts");
  return write(models, options);
}

/**
 * Serves a site that was written, with examples that can be run from its pages.
 *
 * It listens on this machine only, and answers who knows the token in its address: neither other sites, nor names that lead here. Browsers say
 * which example to run, never what to run.
 *
 * @throws {RangeError} for a port or a time that is none
 * @throws {AmphisError} REFERENCE_NOT_SERVED when it cannot listen
 */
export async function serveReference(
  written: WrittenReference,
  options: ServeReferenceOptions,
): Promise<ReferenceServer> {
  const { serve } = await import("./serve.ts");
  return serve(written, options);
}
