import { fileURLToPath } from "node:url";

import { openPython, type Python, type PythonLog, type PythonOptions } from "amphis";
import { afterAll, beforeAll } from "vitest";

/** Folder of the Python modules of these tests. */
export const MODULES = fileURLToPath(new URL("modules", import.meta.url));

/** A Python for all tests of a file. */
export interface OpenedPython {
  readonly py: Python;
  /** The next entry, past ones included, that Python logs or prints with this text in it. */
  logged(text: string): Promise<PythonLog>;
}

export function openedPython(options: PythonOptions = {}): OpenedPython {
  const logs: PythonLog[] = [];
  const wake = new EventTarget();
  let opened: Python | undefined;
  beforeAll(async () => {
    const onLog = (entry: PythonLog): void => {
      logs.push(entry);
      wake.dispatchEvent(new Event("log"));
    };
    opened = await openPython({ path: MODULES, onLog, workers: 1, ...options });
  });
  afterAll(() => opened?.close());
  return {
    get py() {
      if (opened === undefined) throw new Error("Cannot use Python: it is not open yet");
      return opened;
    },
    logged(text) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = logs.find(({ message }) => message.includes(text));
          if (found === undefined) return;
          wake.removeEventListener("log", look);
          resolve(found);
        };
        wake.addEventListener("log", look);
        look();
      });
    },
  };
}

/** The error that something fails with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("Cannot look at the failure: there was none");
}
