"""Builds wheels from descriptions on standard input.

Each is a zip file with metadata and a record of its files.
"""

import base64
import hashlib
import json
import pathlib
import sys
import zipfile

WHEEL = "Wheel-Version: 1.0\nGenerator: amphis\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def record_row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"{path},sha256={digest.decode()},{len(content)}\n"


def build(folder: pathlib.Path, wheel: dict) -> None:
    name, version = wheel["name"], wheel["version"]
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {need}\n" for need in wheel.get("requires", []))
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in wheel.get("extras", []))
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = wheel.get("files") or {f"{name}/__init__.py": f"VERSION = {version!r}\n"}
    contents = {
        **files,
        f"{info}/METADATA": head + needs + extras,
        f"{info}/WHEEL": WHEEL,
    }
    record = "".join(record_row(path, text.encode()) for path, text in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name_in_wheel, text in contents.items():
            archive.writestr(zipfile.ZipInfo(name_in_wheel, (2020, 1, 1, 0, 0, 0)), text)


def main() -> None:
    request = json.load(sys.stdin)
    folder = pathlib.Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in request["wheels"]:
        build(folder, wheel)


main()
