/*
 * Newer versions of a project's libraries, and what they do to the project.
 */

export { updateLibraries } from "./update-libraries.ts";
export type {
  LibrariesUpdate,
  LibraryInUse,
  LibraryUpdate,
  UpdateLibrariesOptions,
  UpdateProgress,
} from "./update-libraries.ts";
