"""What configured libraries have done around their calls, in the worker itself.

Nothing of this is loaded before the program asks for it.
"""

from __future__ import annotations

import os
import sys

from amphis._internal.worker.invoke import invoke
from amphis._internal.worker.names import names_of_worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any


def find(name: str) -> Any:  # noqa: ANN401 - what the name means
    """Find what is to be called, as calls by name do: where there is a policy, it is judged.

    Raises:
        PolicyDenied: the policy does not allow it
    """
    names = names_of_worker()
    judge = names.judge
    return names.resolve(name) if judge is None else judge.callee(names.resolve)(name)


class HookError(Exception):
    """A hook of a library failed; the cause is what it raised.

    Attributes:
        hook: which one
        reference: the function that it is
        library: name under which the library is configured
        pid: of this worker
    """

    def __init__(self, hook: str, reference: str, library: str, reason: str) -> None:
        super().__init__(f"{hook} {reference} of library {library}: {reason}")
        self.hook = hook
        self.reference = reference
        self.library = library
        self.pid = os.getpid()


def run_hook(hook: str, reference: str, library: str, args: tuple[object, ...] = ()) -> Any:  # noqa: ANN401 - whatever it gives
    """Call a function of the user.

    Raises:
        HookError: whatever it raised
    """
    try:
        return invoke(find(reference), args, {})
    except Exception as error:  # a function of the user
        reason = f"{type(error).__name__}: {error}"
        raise HookError(hook, reference, library, reason) from error


def call(
    hooks: dict[str, str], function: str, member: str, args: list[object], kwargs: dict[str, object]
) -> Any:  # noqa: ANN401 - what the function gives
    """Call a function, with what is to be done before and after it.

    Args:
        hooks: `library`, and `before` and `after` where there are such
        function: `module:attribute`
        member: how it is called in the configuration
        args: of the function
        kwargs: of the function

    Raises:
        HookError: when a hook failed
    """
    library = hooks["library"]
    before, after = hooks.get("before"), hooks.get("after")
    target = find(function)
    if before is not None:
        args, kwargs = given(
            run_hook("before", before, library, (member, tuple(args), kwargs)),
            (args, kwargs),
            (before, library),
        )
    result = invoke(target, args, kwargs)
    if after is None:
        return result
    if hasattr(type(result), "__await__"):
        return _awaited(result, (after, library, member))
    return run_hook("after", after, library, (result, member))


async def _awaited(result: Awaitable[object], told: tuple[str, str, str]) -> object:
    after, library, member = told
    return run_hook("after", after, library, (await result, member))


def given(
    answer: object, call: tuple[list[object], dict[str, object]], hook: tuple[str, str]
) -> tuple[list[object], dict[str, object]]:
    """Read what a hook wants to have called instead: nothing, or `(args, kwargs)`."""
    if answer is None:
        return call
    if isinstance(answer, tuple) and len(answer) == 2:
        args, kwargs = answer
        if isinstance(args, (list, tuple)) and isinstance(kwargs, dict):
            return list(args), kwargs
    reason = f"it gave {type(answer).__name__}, and not None or (args, kwargs)"
    raise HookError("before", *hook, reason)


def is_healthy(library: str, module: str, reference: str) -> bool:
    """Ask whether a library still works; one that is not loaded does.

    Raises:
        HookError: what the hook raised
    """
    return module not in sys.modules or run_hook("health", reference, library) is not False


def version(module: str, package: str) -> str | None:
    """What results of a library are of: its version, and that of Python. None: it cannot be told.

    A module that was not installed is told by what its file says; a folder of several is not.
    """
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - once for a library
    from importlib.metadata import version as version_of  # noqa: PLC0415

    python = ".".join(map(str, sys.version_info[:3]))
    try:
        return f"{version_of(package)} python {python}"
    except PackageNotFoundError:
        pass
    loaded = names_of_worker().resolve(module)
    if module.partition(".")[0] in sys.stdlib_module_names:
        return f"python {python}"
    path = getattr(loaded, "__file__", None)
    if path is None or hasattr(loaded, "__path__"):
        return None
    from hashlib import sha256  # noqa: PLC0415 - as above
    from pathlib import Path  # noqa: PLC0415

    return f"{sha256(Path(path).read_bytes()).hexdigest()} python {python}"


def begin(libraries: list[dict[str, str]]) -> None:
    """Have libraries set up when they are loaded, and torn down when the worker ends.

    Args:
        libraries: `library`, `module`, and `setup` and `teardown` where there are such
    """
    for library in libraries:
        if library["module"] in sys.modules:
            _set_up(library)
        else:
            _finder().libraries[library["module"]] = library


def _set_up(library: dict[str, str]) -> None:
    setup, teardown = library.get("setup"), library.get("teardown")
    if setup is not None:
        run_hook("setup", setup, library["library"])
    if teardown is not None:
        import atexit  # noqa: PLC0415 - few libraries have that

        atexit.register(run_hook, "teardown", teardown, library["library"])


class _Finder:
    """Stands first in `sys.meta_path`: finds nothing itself, and hears what is loaded."""

    def __init__(self) -> None:
        self.libraries: dict[str, dict[str, str]] = {}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:  # noqa: ANN401 - a spec
        library = self.libraries.pop(name, None)
        if library is None:
            return None
        try:
            from importlib.util import find_spec  # noqa: PLC0415 - once for each library

            spec = find_spec(name)
        except BaseException:
            self.libraries[name] = library
            raise
        if spec is None or spec.loader is None:
            self.libraries[name] = library
            return None
        loader = _Loader(spec.loader, name, library, self)
        spec.loader = loader  # type: ignore[assignment] # it loads as others do
        return spec


class _Loader:
    """Loads as another does, and sets the library up behind that."""

    def __init__(self, loader: Any, name: str, library: dict[str, str], finder: _Finder) -> None:  # noqa: ANN401 - any loader
        self._loader = loader
        self._name = name
        self._library = library
        self._finder = finder

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of the loader
        return getattr(self._loader, name)

    def create_module(self, spec: object) -> Any:  # noqa: ANN401 - a module
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:  # noqa: ANN401 - a module
        try:
            # As if nobody had stood in between.
            module.__spec__.loader = module.__loader__ = self._loader
            self._loader.exec_module(module)
            _set_up(self._library)
        except BaseException:
            self._finder.libraries[self._name] = self._library
            raise


def _finder() -> _Finder:
    for finder in sys.meta_path:
        if isinstance(finder, _Finder):
            return finder
    made = _Finder()
    sys.meta_path.insert(0, made)
    return made
