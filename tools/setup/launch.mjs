// Plain syntax and no import at the top: an old Node must get as far as the line that says it is too old.

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/**
 * Starts one command of the repository: `main` of the module gets the arguments and gives the exit code.
 *
 * @param {() => Promise<{ main(args: readonly string[]): Promise<number> }>} load
 */
export function launch(load) {
  const version = process.versions.node.split(".").map(Number);
  const major = version[0] || 0;
  const minor = version[1] || 0;
  if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
    const found = `this is Node ${process.versions.node}`;
    const needed = `Amphis needs ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer`;
    process.stderr.write(
      `Cannot start: ${found}, ${needed}. Install it, then run the command again\n`,
    );
    process.exitCode = 1;
    return;
  }
  load()
    .then((module) => module.main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        const known = error instanceof Error && error.message.startsWith("Cannot ");
        process.stderr.write(
          `${known ? error.message : error && error.stack ? error.stack : error}\n`,
        );
        process.exitCode = error && typeof error.exitCode === "number" ? error.exitCode : 1;
      },
    );
}
