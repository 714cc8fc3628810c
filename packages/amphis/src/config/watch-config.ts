import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";

import { AmphisError } from "@amphis/protocol";

import { type ConfigChange, configDiff, type ConfigDiff } from "./changes.ts";
import { findConfig } from "./find-config.ts";
import { load } from "./load-config.ts";
import type { ConfigLayer, ConfigOptions } from "./options.ts";
import { textOf } from "./read-config.ts";

/** What {@link watchConfig} takes. */
export interface WatchConfigOptions extends Omit<ConfigOptions, "config"> {
  /** The file. @default the one that is found from `cwd` upward */
  readonly config?: string | undefined;
  /** Applies what can change while Python is running. If it fails, the old configuration stays. */
  readonly onChange: (diff: ConfigDiff) => void | Promise<void>;
  /** Hears, in one line, which changes wait for the next start. @default writes it to standard error */
  readonly onRestart?: ((line: string, changes: readonly ConfigChange[]) => void) | undefined;
  /** Hears of edits that were refused, and of changes that could not be applied. @default writes it to standard error */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** The file is read when it was left alone for so long. @default 100 */
  readonly debounceMs?: number | undefined;
}

/** A configuration that follows its file. Disposing of it ends that. */
export interface ConfigWatch extends AsyncDisposable {
  readonly file: string;
  /** What holds: changes that need a restart are not in it. */
  readonly config: ConfigLayer;
  close(): Promise<void>;
}

/** Nobody waits longer for a folder in which there is always something going on, in times of the usual wait. */
const MOST_WAITS = 10;

/** See `watchConfig`. */
export async function openWatch(options: WatchConfigOptions): Promise<ConfigWatch> {
  const { cwd = process.cwd(), config: named } = options;
  const file = named === undefined ? findConfig(cwd) : resolve(cwd, named);
  if (file === undefined) throw nothingToWatch(cwd);
  const text = await textOf(file);
  const { config } = await load({ ...options, config: file });
  return FileWatch.open({ file, text, config }, options);
}

function nothingToWatch(folder: string): AmphisError {
  const reason = "there is none here or above";
  return new AmphisError(
    "CONFIG_NOT_FOUND",
    `Cannot watch the configuration of ${folder}: ${reason}`,
    {
      file: folder,
      reason,
    },
  );
}

interface Watched {
  readonly file: string;
  readonly text: string;
  readonly config: ConfigLayer;
}

/**
 * Watches the folder and not the file: editors put another file in its place, and mounted configurations change by a link.
 */
class FileWatch implements ConfigWatch {
  readonly file: string;
  config: ConfigLayer;
  readonly #options: WatchConfigOptions;
  readonly #watcher: FSWatcher;
  #text: string | undefined;
  #waiting = "";
  #timer: NodeJS.Timeout | undefined;
  #firstEventAt = 0;
  #reloading: Promise<void> | undefined;
  #isStale = false;
  #isClosed = false;

  private constructor({ file, text, config }: Watched, options: WatchConfigOptions) {
    this.file = file;
    this.config = config;
    this.#text = text;
    this.#options = options;
    this.#watcher = watch(dirname(file), { persistent: false }, () => this.#touched());
    this.#watcher.on("error", (error) => this.#report(error));
  }

  static open(watched: Watched, options: WatchConfigOptions): FileWatch {
    const opened = new FileWatch(watched, options);
    // It may have changed since it was read.
    opened.#touched();
    return opened;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher.close();
    await this.#reloading;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #touched(): void {
    if (this.#isClosed) return;
    const { debounceMs = 100 } = this.#options;
    const now = performance.now();
    if (this.#timer === undefined) this.#firstEventAt = now;
    clearTimeout(this.#timer);
    const left = this.#firstEventAt + MOST_WAITS * debounceMs - now;
    this.#timer = setTimeout(() => this.#settled(), Math.max(0, Math.min(debounceMs, left)));
    this.#timer.unref();
  }

  #settled(): void {
    this.#timer = undefined;
    this.#isStale = true;
    this.#reloading ??= this.#reload().finally(() => (this.#reloading = undefined));
  }

  async #reload(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      try {
        await this.#follow();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  async #follow(): Promise<void> {
    const text = await textOf(this.file).catch((error: unknown) => {
      const isNews = this.#text !== undefined;
      this.#text = undefined;
      if (isNews) throw error;
    });
    if (text === undefined || text === this.#text) return;
    this.#text = text;
    const { config } = await load({ ...this.#options, config: this.file });
    if (this.#isClosed) return;
    const diff = configDiff(this.config, config);
    if (diff.changes.length > 0) await this.#options.onChange(diff);
    this.config = diff.after;
    this.#tellRestart(diff.restart);
  }

  #tellRestart(changes: readonly ConfigChange[]): void {
    const paths = changes.map(({ path }) => path).join(", ");
    const isNews = paths !== this.#waiting;
    this.#waiting = paths;
    if (!isNews || changes.length === 0) return;
    const line = `Restart to apply ${paths}: changed in ${this.file}, cannot change while Python is running`;
    const { onRestart = writeLine } = this.#options;
    onRestart(line, changes);
  }

  #report(error: unknown): void {
    if (this.#isClosed) return;
    const { onError = writeError } = this.#options;
    onError(error);
  }
}

function writeError(error: unknown): void {
  const said = error instanceof Error ? error.message : String(error);
  writeLine(`The old configuration stays. ${said}`);
}

function writeLine(line: string): void {
  process.stderr.write(`${line.trimEnd()}\n`);
}
