"""What the process that describes a library says, as lines of JSON, and how it is kept in order."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

_STDOUT = 1
_STDERR = 2


def report(arguments: list[str]) -> None:
    """Describe the library that the arguments name: `library=`, `out=`, `typeshed=`, `skip=`.

    Lines go to the descriptor `out`: `{"at": module}` before something may go wrong in a module,
    then `{"files": [...]}` and the packed model, or `{"missing": [...]}`, or `{"failed": ...}`.
    """
    settings: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key == "skip":
            module, _, reason = value.partition("=")
            skipped[module] = reason
        elif key == "path":
            sys.path.append(value)
        else:
            settings[key] = value
    say = _line_to(_kept(int(settings["out"])))
    _silence()
    # Everything that is made here is needed to the end, and there is much of it.
    gc.disable()
    from amphis._internal.library.library import LibraryMissing, describe_library  # noqa: PLC0415 - stdout is out of reach only now
    from amphis._internal.library.pack import Packer  # noqa: PLC0415

    library = settings["library"]
    try:
        model = describe_library(
            library, skipped, settings.get("typeshed"), lambda module: say({"at": module})
        )
        packed = Packer().pack(model)
        say({"files": _files(library)})
        say(packed)
    except LibraryMissing:
        say({"missing": _near(library)})
    except Exception as raised:
        say({"failed": f"{type(raised).__name__}: {raised}"[:500]})
        raise
    finally:
        sys.stderr.flush()
    # Threads and exit handlers of libraries have nothing left to do.
    os._exit(0)


def _kept(descriptor: int) -> int:
    """Our own descriptor, which neither children have nor code that counts from three finds."""
    kept = os.dup(descriptor)
    os.close(descriptor)
    return kept


def _silence() -> None:
    """Have what libraries print go to stderr, where the last of it is kept."""
    os.dup2(_STDERR, _STDOUT)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _line_to(descriptor: int) -> Callable[[dict[str, Any]], None]:
    def say(line: dict[str, Any]) -> None:
        text = json.dumps(line, separators=(",", ":"), allow_nan=False)
        data = memoryview(f"{text}\n".encode("ascii"))
        while data:
            data = data[os.write(descriptor, data) :]

    return say


def _files(library: str) -> list[str]:
    """Files and folders by which a change of the library is noticed."""
    from amphis._internal.library.files import files_of  # noqa: PLC0415 - needed at the end only

    return files_of(library)


def _near(library: str) -> list[str]:
    """Modules whose names are near."""
    import difflib  # noqa: PLC0415 - for what is missing only
    import pkgutil  # noqa: PLC0415

    top = library.partition(".")[0]
    names = {one.name for one in pkgutil.iter_modules()} | set(sys.builtin_module_names)
    return difflib.get_close_matches(top, sorted(names), 5, 0.6)
