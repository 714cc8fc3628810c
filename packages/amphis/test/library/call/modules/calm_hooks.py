"""Hooks of the library `calm`."""

import calm


def setup() -> None:
    calm.count("setup")


def broken_setup() -> None:
    raise RuntimeError("no licence")


def before(
    function: str, args: tuple[int, ...], kwargs: dict[str, object]
) -> tuple[tuple[int, ...], dict[str, object]] | None:
    if args and args[0] == "bad":
        raise ValueError("bad argument")
    return ((args[0] + 1, *args[1:]), kwargs) if function == "square" else None


def after(result: object, function: str) -> object:
    return result if function in {"called", "pid"} else {"of": function, "result": result}


def teardown() -> None:
    calm.torn_down()


def is_well() -> bool:
    return calm.called("sick") == 0
