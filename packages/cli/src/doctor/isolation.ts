import { isolationSupport, type IsolationSupport } from "amphis/library";

import type { Finding } from "./finding.ts";

/** What holds workers at each level of isolation: tried, as machines say little of it. */
export async function isolationFindings(python: string): Promise<readonly Finding[]> {
  const support = await isolationSupport({ python });
  return [
    {
      name: "isolation none",
      state: "good",
      text: "workers are processes of their own, and may do whatever this user may",
    },
    guardedFinding(support),
    sandboxedFinding(support),
    limitsFinding(support),
  ];
}

function guardedFinding({ guard }: IsolationSupport): Finding {
  const name = "isolation guarded";
  if (guard === "native") {
    return { name, state: "good", text: "an audit hook in C holds Python to its policy" };
  }
  const lack = "the native core: npm install @amphis/native";
  return {
    name,
    state: "limited",
    text: "an audit hook in Python, which code that looks for it can undo",
    missing: [lack],
    advice: `for one in C it needs ${lack}`,
  };
}

function sandboxedFinding({ isSandboxed, missing, landlock }: IsolationSupport): Finding {
  const name = "isolation sandboxed";
  if (!isSandboxed) {
    return {
      name,
      state: "limited",
      text: "not on this machine: openPython refuses it with ISOLATION_UNSUPPORTED",
      missing,
      advice: `it needs ${missing.join("; ")}`,
    };
  }
  const kernel = landlockLack(landlock);
  const text = `bubblewrap and a filter of system calls${landlock > 0 ? `, Landlock ${landlock}` : ""}`;
  if (kernel === undefined) return { name, state: "good", text };
  return { name, state: "limited", text, missing: [kernel], advice: kernel };
}

/** What a kernel without all of Landlock does not do. */
function landlockLack(landlock: number): string | undefined {
  if (landlock === 0) {
    return "the kernel has no Landlock, which would hold files a second time: Linux 5.13, with landlock among those that the boot parameter lsm= names";
  }
  if (landlock < 6) {
    return "without Landlock 6 (Linux 6.12), `network: true` is refused, and workers of one pool can signal each other";
  }
  return undefined;
}

function limitsFinding({ controlGroups }: IsolationSupport): Finding {
  const name = "hard limits";
  if (controlGroups.isAvailable) {
    return { name, state: "good", text: `control groups below ${controlGroups.folder}` };
  }
  const { missing } = controlGroups;
  return {
    name,
    state: "limited",
    text: "none: limits bind each process by itself",
    missing: [missing],
    advice: `they need ${missing}`,
  };
}
