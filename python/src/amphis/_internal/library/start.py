"""Entry of the interpreter that describes one library: `python start.py KEY=VALUE...`.

It is run by its path, as `worker/start.py` is, and ends after one library: modules of users are
imported here, which may print, exit, crash or hang.
"""

import sys

_OLDEST = (3, 10)
# Of sysexits.h: the configuration is wrong, and so would be every other attempt.
_EX_CONFIG = 78


def main() -> None:
    """Do what the arguments say."""
    if sys.version_info < _OLDEST:
        version = sys.version.split()[0]
        sys.stderr.write(
            "Cannot describe library: Python 3.10 is needed, this is " + version + "\n"
        )
        sys.exit(_EX_CONFIG)
    own = __file__.rsplit("/amphis/", 1)[0]
    # In place of the folder of this file, whose modules are not to be found by their bare names.
    sys.path[0] = own
    package = type(sys)("amphis")
    package.__path__ = [own + "/amphis"]
    sys.modules["amphis"] = package

    from amphis._internal.library.report import report  # noqa: PLC0415 - found only now

    # Nothing of it is for the libraries: neither our place, nor our arguments.
    arguments = sys.argv[1:]
    sys.argv[:] = [""]
    sys.path.remove(own)
    report(arguments)


if __name__ == "__main__":
    main()
