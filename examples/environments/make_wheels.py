"""Packages for the example, as wheels in the folder that is named: a wheel is a zip file."""

import base64
import hashlib
import pathlib
import sys
import zipfile

PACKAGES = [
    ("colours", "1.0", [], "def name(): return 'red'\n"),
    ("colours", "2.0", [], "def name(): return 'ultramarine'\n"),
    (
        "paintings",
        "1.0",
        ["colours>=1"],
        "import colours\n\ndef title(): return 'Study in ' + colours.name()\n",
    ),
    ("frames", "1.0", ["colours<2"], "WIDTH = 3\n"),
]


def main(folder: pathlib.Path) -> None:
    """Write a wheel of each package."""
    for name, version, needs, code in PACKAGES:
        info = f"{name}-{version}.dist-info"
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        files = {
            f"{name}.py": code,
            f"{info}/METADATA": head + "".join(f"Requires-Dist: {need}\n" for need in needs),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        rows = [
            f"{path},sha256={digest(text)},{len(text.encode())}\n" for path, text in files.items()
        ]
        files[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\n"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(zipfile.ZipInfo(path), text)


def digest(text: str) -> str:
    """Hash a file as a RECORD names it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


main(pathlib.Path(sys.argv[1]))
