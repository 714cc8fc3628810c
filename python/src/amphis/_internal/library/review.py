"""Reviews a library by its files, and runs nothing of it: `python -I -S review.py library=NAME`.

`-S`, as an installed package may have code run when `site` is imported. Prints one line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import Distribution

_MOST_FINDINGS = 1_000
# What an installer writes, anew each time.
_NOT_CODE = frozenset(("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"))


def main() -> None:
    """Review what the arguments name."""
    own = __file__.rsplit("/amphis/", 1)[0]
    package = type(sys)("amphis")
    package.__path__ = [own + "/amphis"]
    sys.modules["amphis"] = package
    said = dict(argument.partition("=")[::2] for argument in sys.argv[1:])
    folders = site_folders()
    folders += [each for each in said.get("path", "").split(os.pathsep) if each]
    library = said["library"]
    found = find(library, said.get("package") or None, folders)
    answer = {"missing": True} if found is None else review(*found, looks=said.get("look") != "no")
    sys.stdout.write(json.dumps(answer) + "\n")


def site_folders() -> list[str]:
    """Where packages of this interpreter are, as `site` would find them."""
    prefix = os.path.dirname(os.path.dirname(os.path.abspath(sys.executable)))  # noqa: PTH100, PTH120 - as in `main`
    is_virtual = os.path.exists(os.path.join(prefix, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - as above
    names = {"base": prefix, "platbase": prefix} if is_virtual else {}
    scheme = "venv" if is_virtual and "venv" in sysconfig.get_scheme_names() else None
    kinds = ("purelib", "platlib")
    paths = [
        sysconfig.get_path(kind, scheme, names) if scheme else sysconfig.get_path(kind, vars=names)
        for kind in kinds
    ]
    return list(dict.fromkeys(path for path in paths if path))


def find(
    library: str, package: str | None, folders: list[str]
) -> tuple[str, str, dict[str, str]] | None:
    """Name, version and files of what a module belongs to: paths as they are told, and on disk."""
    distribution = _distribution(library, package, folders)
    files = {} if distribution is None else dict(_files_of(distribution))
    top = library.partition(".")[0]
    # Of a package that is installed to be edited, the metadata name no code.
    files.update(_module_files(top, folders))
    if not files:
        return None
    if distribution is None:
        return top, "", files
    return distribution.metadata["Name"] or top, distribution.version or "", files


def _distribution(library: str, package: str | None, folders: list[str]) -> Distribution | None:
    from importlib.metadata import distributions  # noqa: PLC0415 - it is slow to load

    top = library.partition(".")[0]
    wanted = _plain(package or top)
    by_file: Distribution | None = None
    for each in distributions(path=folders):
        name = each.metadata["Name"] or ""
        if _plain(name) == wanted:
            return each
        if package is None and by_file is None and _has(each, top):
            by_file = each
    return by_file


def _has(distribution: Distribution, top: str) -> bool:
    # As text: to read the records of a hundred packages as what they are takes seconds.
    record = "\n" + (distribution.read_text("RECORD") or "")
    return f"\n{top}/" in record or f"\n{top}." in record


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _files_of(distribution: Distribution) -> Iterator[tuple[str, str]]:
    for file in distribution.files or ():
        if file.name not in _NOT_CODE and "__pycache__" not in file.parts:
            yield file.as_posix(), str(distribution.locate_file(file))


def _module_files(top: str, folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        root = os.path.join(folder, top)  # noqa: PTH118 - as in `main`
        for suffix in (".py", *EXTENSION_SUFFIXES):
            if os.path.isfile(root + suffix):  # noqa: PTH113 - as above
                yield top + suffix, root + suffix
        for at, inner, names in os.walk(root):
            inner[:] = sorted(each for each in inner if each != "__pycache__")
            for name in names:
                path = os.path.join(at, name)  # noqa: PTH118 - as above
                yield os.path.relpath(path, folder).replace(os.sep, "/"), path


def review(
    name: str, version: str, files: dict[str, str], *, looks: bool = True
) -> dict[str, object]:
    """A fingerprint of a library's files, and what they do if that is asked for."""
    whole = hashlib.sha256()
    findings: list[dict[str, object]] = []
    counts: dict[str, int] = {}
    for told, path in sorted(files.items()):
        try:
            data = _read(path)
        except OSError as error:
            data = f"unreadable: {error.errno}".encode()
        whole.update(f"{told}\0{hashlib.sha256(data).hexdigest()}\n".encode())
        for kind, line, what in _look(told, data) if looks else ():
            counts[kind] = counts.get(kind, 0) + 1
            if len(findings) < _MOST_FINDINGS:
                findings.append({"kind": kind, "file": told, "line": line, "what": what})
    return {
        "name": name,
        "version": version,
        "files": len(files),
        "fingerprint": whole.hexdigest(),
        "counts": counts,
        "findings": findings,
    }


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - as in `main`
        return file.read()


def _look(told: str, data: bytes) -> Iterator[tuple[str, int, str]]:
    from amphis._internal.library.review_source import look  # noqa: PLC0415 - found only now

    if told.endswith((*EXTENSION_SUFFIXES, ".dll", ".dylib")) or ".so." in told:
        yield "native", 0, told.rpartition("/")[2]
    elif told.endswith(".pth"):
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if line.startswith(("import ", "import\t")):
                yield "code", number, "runs when Python starts"
    elif told.endswith((".py", ".pyw")):
        yield from look(data)


if __name__ == "__main__":
    main()
