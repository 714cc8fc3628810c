import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A setting of the system by which it keeps users from namespaces. */
interface Switch {
  readonly file: string;
  /** The value that refuses. */
  readonly refuses: string;
  /** Whether root is kept from them too. */
  readonly holdsRoot: boolean;
  readonly advice: string;
}

const SWITCHES: readonly Switch[] = [
  {
    file: "user/max_user_namespaces",
    refuses: "0",
    holdsRoot: true,
    advice:
      "this system allows no user namespaces; as root: sysctl -w user.max_user_namespaces=15000",
  },
  {
    file: "kernel/unprivileged_userns_clone",
    refuses: "0",
    holdsRoot: false,
    advice:
      "this system keeps user namespaces from ordinary users; as root: sysctl -w kernel.unprivileged_userns_clone=1",
  },
  {
    file: "kernel/apparmor_restrict_unprivileged_userns",
    refuses: "1",
    holdsRoot: false,
    advice:
      "AppArmor keeps user namespaces from ordinary users; as root: give bwrap a profile that says userns, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  },
];

const DENIED = /permission denied|operation not permitted|no permissions|not allowed/iu;

/**
 * What to do about a sandbox that the system refuses; nothing where that is not known.
 *
 * @param said what bubblewrap said
 * @param settings where settings of the system are read
 */
export function refusalAdvice(
  said: string,
  settings = "/proc/sys",
  isRoot: boolean = process.getuid?.() === 0,
): string | undefined {
  for (const { file, refuses, holdsRoot, advice } of SWITCHES) {
    if ((holdsRoot || !isRoot) && valueOf(join(settings, file)) === refuses) return advice;
  }
  return DENIED.test(said)
    ? "in a container, its runtime has to allow user namespaces and mounts, as Docker does with --security-opt seccomp=unconfined"
    : undefined;
}

function valueOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
