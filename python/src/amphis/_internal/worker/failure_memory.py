"""Memory that was not there: how much was asked for, of how much, and where."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.worker.failure_text import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amphis._internal.worker.failure_codes import Found, Raised

_TEXT = 4_000
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60}
_SIZE = r"([\d.,]{1,30}) ?([KMGTPE]?)i?(?:B|bytes)\b"
# CUDA, HIP, XPU and MPS of torch; CuPy; allocators of torch, pyarrow and TensorFlow for the CPU.
_FAILED = re.compile(
    r"out of memory|can't allocate memory|not enough memory|unable to allocate"
    r"|(?:malloc|realloc) of size \d+ failed|failed to allocate memory|OOM when allocating",
    re.IGNORECASE,
)
_REQUESTED = (
    re.compile(r"[Tt]ried to allocate " + _SIZE),
    re.compile(r"[Uu]nable to allocate " + _SIZE),
    re.compile(r"[Oo]ut of memory allocating " + _SIZE),
    re.compile(r"(?:malloc|realloc) of (size) (\d{1,30}) failed"),
)
_FREE = re.compile(_SIZE + r" (?:is )?free")
_DEVICE = re.compile(r"\b(CUDA|HIP|XPU|MPS)\b")
_GPU = re.compile(r"\bGPU (\d{1,4})\b")
# By what torch calls the device; its builds for AMD call theirs cuda too.
_DEVICES = {"CUDA": "cuda", "HIP": "cuda", "XPU": "xpu", "MPS": "mps"}


def out_of_memory(raised: Raised) -> Found | None:
    """The fields of PYTHON_OUT_OF_MEMORY."""
    error, text = raised.error, raised.text[:_TEXT]
    is_named = any("OutOfMemory" in kind.__name__ for kind in type(error).__mro__)
    if not is_named and not issubclass(type(error), MemoryError):
        is_library = issubclass(type(error), RuntimeError) or type(error).__name__.endswith(
            "MemoryError"
        )
        if not is_library or _FAILED.search(text) is None:
            return None
    device = _device_in(text)
    fields: dict[str, object] = {"device": device}
    requested = _requested(raised, text)
    if requested is not None:
        fields["requestedBytes"] = requested
    available = _available(device, text)
    if available is not None:
        fields["availableBytes"] = available
    fields["suggestion"] = _advice(device)
    return ErrorCode.PYTHON_OUT_OF_MEMORY, fields


def _advice(device: str) -> str:
    if device == "cpu":
        return "Work on smaller parts, or raise the memory limit of the worker"
    return f"Use smaller batches or a smaller type, or free tensors on {device}"


def _device_in(text: str) -> str:
    kind = _DEVICE.search(text)
    gpu = _GPU.search(text)
    if kind is None:
        return "cpu" if gpu is None else f"cuda:{gpu[1]}"
    name = _DEVICES[kind[1]]
    return name if name == "mps" or gpu is None else f"{name}:{gpu[1]}"


def _requested(raised: Raised, text: str) -> int | None:
    exact = ask(lambda: _bytes_of_array(raised.error))
    if isinstance(exact, int):
        return exact
    for pattern in _REQUESTED:
        match = pattern.search(text)
        if match is not None:
            return int(match[2]) if match[1] == "size" else _bytes_in(match)
    return None


def _bytes_of_array(error: Any) -> int:  # noqa: ANN401 - a class of NumPy
    """NumPy says which array it could not make."""
    return math.prod(map(int, error.shape)) * int(error.dtype.itemsize)


def _bytes_in(match: re.Match[str]) -> int | None:
    try:
        return int(float(match[1].replace(",", "")) * _UNITS[match[2]])
    except ValueError:
        return None


def _available(device: str, text: str) -> int | None:
    if device != "cpu":
        match = _FREE.search(text)
        return None if match is None else _bytes_in(match)
    return min(_available_here(), default=None)


def _available_here() -> Iterator[int]:
    """What the machine, the control group and the limit of the process leave; Linux tells."""
    meminfo = _numbers("/proc/meminfo")
    if "MemAvailable:" in meminfo:
        yield meminfo["MemAvailable:"] << 10
    group = "/sys/fs/cgroup/memory"
    most, now = _number(f"{group}.max"), _number(f"{group}.current")
    if most is not None and now is not None:
        yield max(0, most - now)
    status = _numbers("/proc/self/status")
    # What each limit counts: all addresses, and private memory that may be written to.
    for limit, counted in (("RLIMIT_AS", "VmSize:"), ("RLIMIT_DATA", "VmData:")):
        bound = ask(lambda limit=limit: _limit(limit))  # type: ignore[misc]
        if isinstance(bound, int) and counted in status:
            yield max(0, bound - (status[counted] << 10))


def _limit(name: str) -> int | None:
    import resource  # noqa: PLC0415 - Windows has none

    limit = resource.getrlimit(getattr(resource, name))[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _numbers(path: str) -> dict[str, int]:
    """The lines of a file that are a name and a number."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib is slow to load
            parts = [line.split() for line in file]
    except OSError:
        return {}
    return {part[0]: int(part[1]) for part in parts if len(part) > 1 and part[1].isdigit()}


def _number(path: str) -> int | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib is slow to load
            text = file.read(32).strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
