/* Each command is loaded when it is asked for: `amphis --version` waits for none of them. */

import type * as approvals from "./approvals.ts";
import type * as call from "./call.ts";
import type * as config from "./config.ts";
import type * as doctor from "./doctor.ts";
import type * as help from "./help.ts";
import type * as install from "./install.ts";
import type * as lock from "./lock.ts";
import type * as review from "./review.ts";
import type * as reference from "./reference.ts";
import type * as search from "./search.ts";
import type * as types from "./types.ts";
import type * as update from "./update.ts";
import type * as verify from "./verify.ts";

export const loadApprovals = (): Promise<typeof approvals> => import("./approvals.ts");
export const loadCall = (): Promise<typeof call> => import("./call.ts");
export const loadConfig = (): Promise<typeof config> => import("./config.ts");
export const loadDoctor = (): Promise<typeof doctor> => import("./doctor.ts");
export const loadHelp = (): Promise<typeof help> => import("./help.ts");
export const loadInstall = (): Promise<typeof install> => import("./install.ts");
export const loadLock = (): Promise<typeof lock> => import("./lock.ts");
export const loadReview = (): Promise<typeof review> => import("./review.ts");
export const loadReference = (): Promise<typeof reference> => import("./reference.ts");
export const loadSearch = (): Promise<typeof search> => import("./search.ts");
export const loadTypes = (): Promise<typeof types> => import("./types.ts");
export const loadUpdate = (): Promise<typeof update> => import("./update.ts");
export const loadVerify = (): Promise<typeof verify> => import("./verify.ts");
