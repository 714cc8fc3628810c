/*
 * What an update does to programs: the public surfaces of two versions of a library, compared.
 */

export { compareModels } from "./compare.ts";
export type { Impact, SurfaceChange, SurfaceComparison } from "./change.ts";
