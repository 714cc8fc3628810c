const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * @typedef {object} ProgressOptions
 * @property {NodeJS.WriteStream} [stream] Default: standard error, so that the output of a command stays its own.
 * @property {number} total How many steps there are.
 * @property {boolean} [plain] No spinner even on a terminal, as something else writes there too. Default `false`.
 */

/** Shows which step runs, for how long, and how it ended: a spinner on a terminal, plain lines elsewhere. */
export class Progress {
  /** @type {NodeJS.WriteStream} */
  #stream;
  /** @type {number} */
  #total;
  /** @type {boolean} */
  #spins;
  #number = 0;

  /** @param {ProgressOptions} options */
  constructor({ stream = process.stderr, total, plain = false }) {
    this.#stream = stream;
    this.#total = total;
    this.#spins = stream.isTTY && !plain;
  }

  /** Counts a step that has nothing to do. */
  skip() {
    this.#number += 1;
  }

  /**
   * Shows a step while `work` runs.
   *
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(title, work) {
    this.#number += 1;
    const label = `${this.#number}/${this.#total} ${title}`;
    const started = performance.now();
    const stop = this.#spins ? this.#spin(label, started) : this.#announce(label);
    try {
      const result = await work();
      stop();
      this.line(`✓ ${label}  ${elapsed(started)}`);
      return result;
    } catch (error) {
      stop();
      this.line(`✗ ${label}  ${elapsed(started)}`);
      throw error;
    }
  }

  /**
   * @param {string} text
   */
  line(text) {
    this.#stream.write(`${text}\n`);
  }

  /**
   * @param {string} label
   * @returns {() => void}
   */
  #announce(label) {
    this.line(`· ${label}`);
    return () => {};
  }

  /**
   * @param {string} label
   * @param {number} started
   * @returns {() => void}
   */
  #spin(label, started) {
    let turn = 0;
    const draw = () => {
      turn += 1;
      this.#stream.write(`\r\x1b[K${frames[turn % frames.length]} ${label}  ${elapsed(started)}`);
    };
    draw();
    const timer = setInterval(draw, 100);
    return () => {
      clearInterval(timer);
      this.#stream.write("\r\x1b[K");
    };
  }
}

/**
 * @param {number} started
 * @returns {string}
 */
export function elapsed(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
