"""What a launcher tells a worker on its command line: `key=value`, lists by repeating the key.

No JSON: to import what reads it takes a tenth of the time in which a worker starts.
"""

from __future__ import annotations

_TEXTS = ("profile", "native")
_LISTS = ("preload", "path")
_NUMBERS = ("threads", "maxFrameBytes", "channel", "control", "line", "warden", "proxy")
_FRACTIONS = ("spinMs",)
_POLICY = "policy."
LIMITS = ("memoryBytes", "cpuSeconds", "files", "processes")


class Settings:
    """How a worker runs.

    Attributes:
        config: for the worker's own code: profile, threads, preload, path, spinMs, maxFrameBytes,
            policy
        limits: of resources, by name
        native: folder of the C extension; None: beside the sources
        policy: what code may do, lists by name; empty: whatever this user may
        channel: descriptor, as `control` and `line`; -1 for those that come later
        proxy: port that a warden listens on for the proxy of its sandbox; -1: there is none
        warden: descriptor over which a warden is asked for workers; -1: this is no warden
    """

    __slots__ = (
        "channel",
        "config",
        "control",
        "limits",
        "line",
        "native",
        "policy",
        "proxy",
        "warden",
    )

    def __init__(self) -> None:
        self.config: dict[str, object] = {"profile": "process", "preload": [], "path": []}
        self.limits: dict[str, int] = {}
        self.native: str | None = None
        self.policy: dict[str, list[str]] = {}
        self.channel = self.control = self.line = self.warden = self.proxy = -1

    @property
    def preload(self) -> list[str]:
        """Modules that are loaded before the worker is ready."""
        names = self.config["preload"]
        return names if isinstance(names, list) else []

    @property
    def path(self) -> list[str]:
        """Folders of the user's own modules."""
        folders = self.config["path"]
        return folders if isinstance(folders, list) else []


def read_settings(arguments: list[str]) -> Settings:
    """Read a command line.

    Raises:
        ValueError: it is not one of this version
    """
    settings = Settings()
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in _LISTS:
            (settings.preload if key == "preload" else settings.path).append(value)
        elif key.startswith(_POLICY):
            settings.policy.setdefault(key[len(_POLICY) :], []).append(value)
        elif key in LIMITS:
            settings.limits[key] = int(value)
        elif key == "native":
            settings.native = value
        elif key in {"channel", "control", "line", "warden", "proxy"}:
            setattr(settings, key, int(value))
        elif key in _TEXTS:
            settings.config[key] = value
        elif key in _NUMBERS:
            settings.config[key] = int(value)
        elif key in _FRACTIONS:
            settings.config[key] = float(value)
        else:
            raise ValueError(f"Cannot start worker: setting {key!r} is unknown")
    return settings
