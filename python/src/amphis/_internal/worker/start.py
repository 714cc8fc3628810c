"""Entry of an interpreter that becomes a worker or a warden: `python start.py KEY=VALUE...`.

The file is run by its path, so it must say something useful under any Python, and see to it that
the `amphis` beside it is the one that is imported.
"""

import sys

_OLDEST = (3, 10)
# Of sysexits.h: the configuration is wrong, and so would be every other attempt.
_EX_CONFIG = 78


def main() -> None:
    """Do what the arguments say."""
    if sys.version_info < _OLDEST:
        version = sys.version.split()[0]
        reason = "Python 3.10 or newer is needed, and this is " + version
        sys.stderr.write("Cannot start worker: " + reason + "\n")
        sys.exit(_EX_CONFIG)
    _find_amphis(__file__.rsplit("/amphis/", 1)[0])

    from amphis._internal.worker.settings import read_settings  # noqa: PLC0415 - found only now

    settings = read_settings(sys.argv[1:])
    # Nothing there is for the programs that run here.
    sys.argv[:] = [""]
    if settings.warden >= 0:
        from amphis._internal.worker.warden import serve  # noqa: PLC0415 - for this one alone

        serve(settings)
    else:
        from amphis._internal.worker.become import Ends  # noqa: PLC0415 - for this one alone
        from amphis._internal.worker.keeper import keep  # noqa: PLC0415 - for this one alone

        keep(Ends(settings.channel, settings.control, settings.line), settings)


def _find_amphis(folder: str) -> None:
    """Have `amphis` imported from a folder, its names only when one of them is used.

    All of them take a tenth of a second, of which a worker needs little.
    """
    # In place of the folder of this file, whose modules are not to be found by their bare names.
    sys.path[0] = folder
    # A file of the user's environment may have imported another version already.
    for name in [name for name in sys.modules if name.partition(".")[0] == "amphis"]:
        del sys.modules[name]
    specs = (finder.find_spec("amphis", [folder]) for finder in sys.meta_path)
    spec = next(spec for spec in specs if spec is not None)
    package = type(sys)("amphis")
    package.__spec__ = spec
    package.__path__ = spec.submodule_search_locations or []
    package.__file__ = spec.origin

    def load(name: str) -> object:
        package.__dict__.pop("__getattr__", None)
        if spec.loader is not None:
            spec.loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = load
    sys.modules["amphis"] = package


if __name__ == "__main__":
    main()
