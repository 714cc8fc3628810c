"""Says what holds a worker that runs where this does: `python guard_probe.py NATIVE_FOLDER`."""

import os
import sys


def main() -> None:
    """Do to this process what is done to a worker in a sandbox, and say how that went."""
    sys.path[0] = __file__.rsplit("/amphis/", 1)[0]
    os.environ["AMPHIS_NATIVE"] = sys.argv[1]
    from amphis._internal.native.load import Missing, load_core  # noqa: PLC0415 - found only now

    core = load_core()
    if isinstance(core, Missing):
        sys.stdout.write("guard=python landlock=0\n")
        return
    version = core.landlock_version
    if version > 0:
        core.confine_files(["/"], ["/tmp"])  # noqa: S108 - the sandbox's own
    core.confine_processes()
    sys.stdout.write(f"guard=native landlock={version}\n")


if __name__ == "__main__":
    main()
