import { spawnSync } from "node:child_process";

import { buildNode, buildPython, RING, SYSTEM, WARNINGS } from "../src/build.ts";
import { type BuildOutcome, compile } from "../src/compile.ts";

const SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const CHECKED = ["-g", "-O1", "-fno-omit-frame-pointer", ...SANITIZED, ...WARNINGS];
/** The sanitizer does not follow fences, and the compiler says so. None of the data depends on them, only sleeping does. */
const RACES = ["-g", "-O1", "-fsanitize=thread", "-Wno-tsan", "-pthread", ...WARNINGS];

/** The driver of the ring's fuzzer, with the sanitizers for addresses and undefined behaviour. */
export function buildFuzzer(): BuildOutcome {
  return compile({ file: "ring-fuzz", sources: ["fuzz/ring.c", ...RING], flags: CHECKED });
}

/** The same for what comes over sockets. */
export function buildMemoryFuzzer(): BuildOutcome {
  const sources = ["fuzz/memory.c", ...SYSTEM, ...RING];
  return compile({ file: "memory-fuzz", sources, flags: CHECKED });
}

/** Two threads over one ring, with the sanitizer for races. */
export function buildStress(): BuildOutcome {
  return compile({ file: "ring-stress", sources: ["stress/ring.c", ...RING], flags: RACES });
}

/** Steps through the window of a side that spins. */
export function buildSpin(): BuildOutcome {
  return compile({ file: "spin-check", sources: ["stress/spin.c", "spin.c"], flags: CHECKED });
}

/** The addon with the sanitizers, in a folder of its own. */
export function buildCheckedNode(): BuildOutcome {
  return buildNode([...CHECKED, "-shared", "-fPIC", "-fvisibility=hidden"], "checked/amphis.node");
}

/** The extension for CPython with the sanitizers, in the same folder. */
export function buildCheckedPython(python: string): BuildOutcome {
  const flags = [...CHECKED, "-shared", "-fPIC", "-fvisibility=hidden"];
  return buildPython(python, flags, "checked/_core.abi3.so");
}

/** Two threads over one ring on another processor, whose memory is ordered less; no such compiler: unavailable. */
export function buildArmStress(): BuildOutcome {
  const flags = ["-O2", "-static", "-pthread", ...WARNINGS];
  const sources = ["stress/ring.c", ...RING];
  return compile({ file: "ring-stress-arm64", sources, flags, compiler: "aarch64-linux-gnu-gcc" });
}

/** What a process loads before a library with the sanitizers; undefined: the compiler does not say. */
export function sanitizerLibraries(): string | undefined {
  const compiler = process.env["CC"] ?? "cc";
  const paths = ["libasan.so", "libubsan.so"].map((name) =>
    spawnSync(compiler, [`-print-file-name=${name}`], { encoding: "utf8" }).stdout?.trim(),
  );
  return paths.every((path) => path?.includes("/")) ? paths.join(" ") : undefined;
}
