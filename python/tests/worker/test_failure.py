"""Exceptions as error bodies: exact, bounded, and never an exception of their own."""

from __future__ import annotations

import builtins
import gc
import json
import math
import pickle
import re
import sys
import threading
import weakref
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pytest

from amphis import AmphisError, msgpack
from amphis._internal.error_wire import decode_error
from amphis._internal.values import Handle
from amphis._internal.worker.exceptions import TypeScriptError
from amphis._internal.worker.failure import error_body
from amphis._internal.worker.failure_frames import MOST_FRAMES
from amphis._internal.worker.failure_text import MAX_TEXT, short
from amphis._internal.worker.functions import (
    FUNCTION,
    ITERABLE,
    TypeScriptFunction,
    TypeScriptIterable,
)
from amphis._internal.worker.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Callable

CODEC = msgpack()


def raised(act: Callable[[], object]) -> BaseException:
    try:
        act()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the subject
        return error
    raise AssertionError("nothing was raised")


def body(error: BaseException | Callable[[], object], **more: Any) -> Any:  # noqa: ANN401 - of any kind
    """The body of an error, which every reader of errors takes."""
    subject = error if isinstance(error, BaseException) else raised(error)
    data = error_body(subject, **{"call": "module:name", **more})
    wire = CODEC.decode(data)
    decode_error(wire)
    assert len(data) < 1 << 20
    return wire


def context(error: BaseException | Callable[[], object], **more: Any) -> Any:  # noqa: ANN401 - of any kind
    return body(error, **more)["context"]


def _fails(value: object) -> None:
    raise ValueError(f"no {value}")


class RefusedError(Exception):
    def __init__(self, field: str, limit: int) -> None:
        super().__init__(f"{field} is over {limit}")
        self.field = field
        self.limit = limit
        self.model = object()
        self._hidden = True


def test_an_exception_tells_class_text_and_call() -> None:
    wire = body(lambda: _fails(5), call="shop:order", arguments=[1, "two", [3.0]], step=2)
    assert wire["code"] == "PYTHON_ERROR"
    assert wire["category"] == "python"
    assert wire["message"] == "Cannot call shop:order: ValueError: no 5"
    known = wire["context"]
    assert (known["type"], known["module"], known["text"]) == ("ValueError", "builtins", "no 5")
    assert known["call"] == "shop:order"
    assert known["arguments"] == ["1", "'two'", "[3.0]"]
    assert known["step"] == 2


def test_the_traceback_has_frames_with_their_source() -> None:
    wire = body(lambda: _fails(5))
    last = wire["context"]["traceback"][-1]
    assert last["file"] == __file__
    assert last["function"] == "_fails"
    assert last["source"] == 'raise ValueError(f"no {value}")'
    assert last["line"] == _fails.__code__.co_firstlineno + 1
    trace = wire["origin"]["traceback"]
    assert trace.startswith("Traceback (most recent call last):\n")
    assert trace.endswith("ValueError: no 5\n")
    assert f"line {last['line']}, in _fails" in trace


def test_frames_of_the_worker_and_of_the_import_system_are_left_out() -> None:
    from amphis._internal.worker.names import Names  # noqa: PLC0415 - the subject

    found = context(lambda: Names({}).resolve("no_such_module_at_all:name"))
    assert [frame["function"] for frame in found["traceback"]][2:] == []
    assert all("importlib" not in frame["file"] for frame in found["traceback"])
    assert all("_internal/worker" not in frame["file"] for frame in found["traceback"])


def test_code_without_a_file_has_no_source() -> None:
    found = context(lambda: exec("1/0"))  # noqa: S102 - the subject
    assert found["traceback"][-1] == {
        "file": "<string>",
        "line": 1,
        "function": "<module>",
        "source": "",
    }


def test_public_attributes_that_are_plain_values_travel() -> None:
    attributes = context(RefusedError("size", 5))["attributes"]
    assert attributes == {"field": "size", "limit": 5}


def test_attributes_of_the_exceptions_of_python_travel() -> None:
    missing = context(lambda: open("/no/such/file"))["attributes"]  # noqa: PTH123, SIM115 - the subject
    assert missing["errno"] == 2
    assert missing["filename"] == "/no/such/file"
    assert context(b"\xff".decode)["attributes"]["start"] == 0
    assert context(lambda: compile("a b", "f.py", "exec"))["attributes"]["lineno"] == 1
    assert context(SystemExit(3))["attributes"]["code"] == 3


def test_notes_travel() -> None:
    error = ValueError("x")
    error.__notes__ = ["first", 5, "second"]  # type: ignore[attr-defined]
    wire = body(error)
    assert wire["context"]["notes"] == ["first", "second"]
    assert wire["origin"]["traceback"].endswith("ValueError: x\nfirst\nsecond\n")


def test_the_cause_comes_before_the_context_and_a_suppressed_one_not_at_all() -> None:
    def caused() -> None:
        try:
            _fails(1)
        except ValueError as error:
            raise KeyError("two") from error

    def during() -> None:
        try:
            _fails(1)
        finally:
            raise KeyError("two")

    def hidden() -> None:
        try:
            _fails(1)
        except ValueError:
            raise KeyError("two") from None

    for act in (caused, during):
        cause = body(act)["cause"]
        assert cause["code"] == "PYTHON_ERROR"
        assert cause["context"]["text"] == "no 1"
        assert cause["context"]["traceback"][-1]["function"] == "_fails"
        assert cause["message"] == "ValueError: no 1"
    assert "cause" not in body(hidden)


def test_at_most_eight_causes_travel_and_circles_end() -> None:
    error = ValueError("0")
    last = error
    for number in range(1, 100):
        last.__cause__ = ValueError(str(number))
        last = last.__cause__
    wire = body(error)
    depth = 0
    while "cause" in wire:
        wire = wire["cause"]
        depth += 1
    assert depth == 8

    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert "cause" not in body(first)["cause"]


def test_members_of_a_group_travel() -> None:
    group: Any = getattr(builtins, "BaseExceptionGroup", None)
    if group is None:
        pytest.skip("Python 3.10 has no exception groups")
    members = [raised(lambda: _fails(1)), KeyError("two"), *[ValueError("more")] * 50]
    found = context(group("both", members))
    assert found["type"] == "ExceptionGroup"
    assert len(found["exceptions"]) == 16
    assert found["exceptions"][0]["text"] == "no 1"
    assert found["exceptions"][0]["traceback"][-1]["function"] == "_fails"
    assert found["exceptions"][1]["type"] == "KeyError"
    assert found["attributes"] == {"message": "both"}


def test_an_error_of_amphis_keeps_its_code_and_fields() -> None:
    error = AmphisError("FRAME_TOO_LARGE", "Cannot send: too large", {"limit": 5, "size": 9})
    wire = body(error, step=1)
    assert wire["code"] == "FRAME_TOO_LARGE"
    assert wire["message"] == "Cannot send: too large"
    assert (wire["context"]["limit"], wire["context"]["size"]) == (5, 9)
    assert wire["context"]["step"] == 1
    assert "handle" not in context(error, objects=Objects())


def test_an_error_of_amphis_that_came_from_elsewhere_keeps_its_origin() -> None:
    origin = {"language": "javascript", "type": "RangeError", "traceback": "at x.ts:1"}
    error = AmphisError("REMOTE_FAILURE", "x", origin=origin)
    assert body(error)["origin"] == origin


def test_an_error_of_typescript_names_the_callback_that_failed() -> None:
    error = TypeScriptError("bad input", type="RangeError", callback=7)
    wire = body(error)
    assert wire["code"] == "CALLBACK_FAILED"
    assert wire["context"]["callback"] == 7
    assert "bad input" in wire["message"]

    def wrapped() -> None:
        raise ValueError("mine") from error

    assert body(wrapped)["cause"]["context"]["callback"] == 7


def test_the_exception_can_be_asked_for_and_keeps_no_variables_of_its_frames() -> None:
    class Large:
        pass

    def fail() -> None:
        large = Large()
        seen.append(weakref.ref(large))
        raise ValueError("x")

    seen: list[weakref.ref[Large]] = []
    objects = Objects()
    handle = context(fail, objects=objects)["handle"]
    assert isinstance(handle, Handle)
    assert isinstance(objects.get(handle.id), ValueError)
    gc.collect()
    assert seen[0]() is None


def test_no_handle_is_made_without_a_table() -> None:
    assert "handle" not in context(ValueError("x"))


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class LeavingError(Exception):
    def __str__(self) -> str:
        raise SystemExit(1)


class OddError(Exception):
    __str__ = int  # type: ignore[assignment] # the subject


class HostileError(Exception):
    @property
    def limit(self) -> int:
        raise SystemExit

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - of any kind
        if name in ("__class__", "args"):
            raise KeyboardInterrupt
        return super().__getattribute__(name)

    def __eq__(self, other: object) -> bool:
        raise KeyboardInterrupt

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "kind", [SilentError, LeavingError, OddError, HostileError], ids=lambda kind: kind.__name__
)
def test_an_exception_whose_methods_raise_is_described_all_the_same(kind: Any) -> None:  # noqa: ANN401 - of any kind
    error = kind("x")
    error.__cause__ = kind("cause")
    wire = body(error)
    assert wire["context"]["type"] == kind.__name__
    assert wire["cause"]["context"]["type"] == kind.__name__


@pytest.mark.parametrize(
    "text", ["x" * 50_000_000, "\ud800", "é\ud800" * 100_000, "\0", ""], ids=len
)
def test_any_text_is_described_and_cut(text: str) -> None:
    error = ValueError(text)
    error.__notes__ = [text]  # type: ignore[attr-defined]
    error.attribute = text  # type: ignore[attr-defined]
    wire = body(error, call=text, arguments=[text, error])
    assert len(wire["context"]["text"]) <= MAX_TEXT + 3
    assert len(wire["message"]) <= MAX_TEXT + 3


def test_names_of_classes_may_be_anything() -> None:
    odd = type("a\nname", (Exception,), {"__module__": 5})
    assert context(odd("x"))["type"].endswith("name")
    assert context(odd("x"))["module"] == ""


def test_a_stack_overflow_has_its_first_and_its_last_frames() -> None:
    def again(depth: int) -> int:
        return again(depth + 1) + 1

    wire = body(lambda: again(0))
    known = wire["context"]
    assert known["type"] == "RecursionError"
    assert len(known["traceback"]) == MOST_FRAMES
    assert known["traceback"][-1]["function"] == "again"
    assert "frames left out]" in wire["origin"]["traceback"]


def test_an_error_is_described_where_no_stack_is_left() -> None:
    bodies: list[bytes] = []

    def deep(depth: int) -> None:
        # Each level may be the one at which the description runs out of stack in its middle.
        try:
            deep(depth + 1)
        except RecursionError as error:
            if len(bodies) < 60:
                try:
                    bodies.append(error_body(error, call="m:f"))
                except RecursionError:
                    # There was no stack for the call itself.
                    raise error from None
            raise

    raised(lambda: deep(0))
    assert bodies
    for each in bodies:
        assert CODEC.decode(each)["context"]["type"] == "RecursionError"  # type: ignore[index]


def test_attributes_that_refer_to_themselves_end() -> None:
    error = ValueError("x")
    circle: list[object] = [1]
    circle.append(circle)
    error.circle = circle  # type: ignore[attr-defined]
    error.many = list(range(10_000))  # type: ignore[attr-defined]
    attributes = context(error)["attributes"]
    assert attributes["circle"][0] == 1
    assert len(attributes["many"]) == 64


def test_an_error_in_a_finalizer_is_nobodys() -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("in __del__")

    def fail() -> None:
        Broken()
        raise KeyError("mine")

    hook = sys.unraisablehook
    seen: list[object] = []
    sys.unraisablehook = seen.append
    try:
        assert context(fail)["type"] == "KeyError"
    finally:
        sys.unraisablehook = hook
    assert len(seen) == 1


SHORT: list[tuple[object, str]] = [
    (5, "5"),
    (None, "None"),
    ("x" * 500, "'xxx"),
    ([1, [2, [3]]], "[1, [2, list of 1]]"),
    ({"a": (1,)}, "{'a': (1)}"),
    (list(range(100)), "[0, 1, 2, 3, 4, 5, …]"),
    (1 << 100_000, "int of 100001 bits"),
    (SilentError("x"), "tests.worker.test_failure.SilentError"),
    (threading.Lock(), "_thread.lock"),
    (TypeScriptFunction(Handle(1, FUNCTION), cast("Any", None)), "<function of TypeScript>"),
    (TypeScriptIterable(Handle(1, ITERABLE), cast("Any", None)), "<iterable of TypeScript>"),
]


@pytest.mark.parametrize(("value", "expected"), SHORT, ids=lambda each: str(type(each).__name__))
def test_arguments_are_told_shortly_and_without_their_own_code(
    value: object, expected: str
) -> None:
    assert short(value).startswith(expected)
    assert len(short(value)) <= 123


def test_a_missing_module_tells_how_to_install_it() -> None:
    found = body(lambda: __import__("sklearn_no_such_thing_at_all"))
    known = found["context"]
    assert found["code"] == "PYTHON_IMPORT_FAILED"
    assert known["missing"] == "sklearn_no_such_thing_at_all"
    assert known["install"].endswith(" -m pip install sklearn_no_such_thing_at_all")
    assert known["install"].startswith(sys.executable)


def test_a_module_with_another_name_than_its_distribution_is_installed_by_that() -> None:
    error = ModuleNotFoundError("No module named 'cv2'", name="cv2")
    assert context(error)["install"].endswith(" -m pip install opencv-python")


def test_a_slip_in_the_name_of_a_module_is_corrected_and_not_installed() -> None:
    known = context(lambda: __import__("jsn"))
    assert "json" in known["suggestions"]
    assert known["install"] == ""
    known = context(lambda: __import__("json.decodr"))
    assert known["suggestions"][0] == "json.decoder"
    assert known["install"] == ""


def test_a_name_that_a_module_lacks_is_corrected() -> None:
    def act() -> None:
        from json import dumpz  # type: ignore[attr-defined]  # noqa: F401, PLC0415 - the subject

    found = body(act)
    assert found["code"] == "PYTHON_IMPORT_FAILED"
    assert found["context"]["missing"] == "json.dumpz"
    assert "json.dumps" in found["context"]["suggestions"]


@pytest.mark.parametrize("name", ["a; rm -rf x", "é", "a b", "", "-e"], ids=repr)
def test_nothing_is_installed_that_is_no_name(name: str) -> None:
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert context(error)["install"] == ""


def test_a_missing_attribute_tells_what_is_called_nearly_so() -> None:
    text: Any = "text"
    found = body(lambda: text.uper)
    assert found["code"] == "PYTHON_ATTRIBUTE_MISSING"
    assert found["context"]["missing"] == "uper"
    assert "upper" in found["context"]["suggestions"]
    assert context(lambda: threading.Thrad)["suggestions"] == ["Thread"]  # type: ignore[attr-defined]


def test_no_name_is_suggested_twice() -> None:
    found = context(lambda: __import__("jso"))["suggestions"]
    assert "json" in found
    assert len(set(found)) == len(found)
    found = context(lambda: __import__("enun"))["suggestions"]
    assert found.count("enum") == 1


@pytest.mark.parametrize("says", [True, False])
def test_names_of_a_module_with_a_getattr_of_its_own_are_suggested(
    monkeypatch: pytest.MonkeyPatch, *, says: bool
) -> None:
    def find(name: str) -> object:
        error = AttributeError(f"module 'lazy_shop' has no attribute {name!r}")
        if not says:
            error.name, error.obj = name, None
        raise error

    shop = ModuleType("lazy_shop")
    vars(shop).update(linear=1, __getattr__=find)
    monkeypatch.setitem(sys.modules, "lazy_shop", shop)
    assert context(lambda: shop.lniear)["suggestions"] == ["linear"]


def test_names_of_an_object_that_does_not_tell_them_are_not_needed() -> None:
    class Hidden:
        def __dir__(self) -> list[str]:
            raise SystemExit

    found = body(lambda: Hidden().name)  # type: ignore[attr-defined]
    assert found["context"]["missing"] == "name"
    assert found["context"]["suggestions"] == []


def wanted(first: int, *, second: str = "x") -> None:
    raise AssertionError(f"never called with {first} and {second}")


def passing(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def pass_on(*args: object, **kwargs: object) -> None:
        function(*args, **kwargs)

    return pass_on


@passing
def decorated(first: int, *, second: str = "x") -> None:
    raise AssertionError(f"never called with {first} and {second}")


def calls_wrongly() -> None:
    act: Any = wanted
    act(1, 2, 3)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1, 2), {}), ((1,), {"third": 3}), ((1,), {"first": 1})],
    ids=repr,
)
@pytest.mark.parametrize("name", ["wanted", "decorated"])
def test_wrong_arguments_of_the_call_tell_the_signature(name: str, args: Any, kwargs: Any) -> None:  # noqa: ANN401 - of any kind
    module = sys.modules[__name__]
    found = body(lambda: getattr(module, name)(*args, **kwargs), call=f"{__name__}:{name}")
    # The lambda stands where the worker calls; only its frame is in the way.
    assert found["code"] == "PYTHON_ARGUMENTS_INVALID"
    assert (
        found["context"]["signature"] == f"{name}(first: 'int', *, second: 'str' = 'x') -> 'None'"
    )


@pytest.mark.parametrize(
    ("kwargs", "argument", "near"),
    [
        ({"first": 1, "secnd": 2}, "secnd", ["second"]),
        ({"first": 1, "zzz": 2}, "zzz", []),
        ({}, "first", []),
    ],
    ids=repr,
)
def test_a_wrong_argument_is_named_with_those_that_are_near(
    kwargs: Any,  # noqa: ANN401 - of any kind
    argument: str,
    near: list[str],
) -> None:
    for more in ({"call": f"{__name__}:wanted"}, {"call": ".wanted()", "target": wanted}):
        found = body(lambda: wanted(**kwargs), **more)
        assert found["context"]["signature"].startswith("wanted(first: 'int'")
        assert found["context"]["argument"] == argument
        assert found["context"]["suggestions"] == near
        # Newer Pythons say it themselves.
        hint = re.search(r"[Dd]id you mean '?second'?\?$", found["message"])
        assert (hint is not None) == bool(near)


def test_a_signature_that_cannot_be_asked_for_costs_nothing_else() -> None:
    class Strange:
        @property
        def __signature__(self) -> object:
            raise SystemExit

        def __call__(self) -> None: ...

    strange: Any = Strange()
    found = body(lambda: strange(wrong=1), call=".__call__()", target=strange)
    assert found["code"] == "PYTHON_ARGUMENTS_INVALID"
    assert found["context"]["argument"] == "wrong"
    assert found["context"]["suggestions"] == []


def test_wrong_arguments_of_another_call_are_an_error_like_others() -> None:
    assert body(calls_wrongly, call=f"{__name__}:calls_wrongly")["code"] == "PYTHON_ERROR"


@pytest.mark.parametrize("text", ["sqrt", "pow", "isqrt"])
def test_wrong_arguments_of_functions_of_c_are_found_too(text: str) -> None:

    found = body(getattr(math, text), call=f"math:{text}")
    assert found["code"] == "PYTHON_ARGUMENTS_INVALID"
    assert found["context"]["signature"].startswith(f"{text}(")


def test_what_cannot_be_pickled_or_written_as_json_is_told_so() -> None:

    for act in (
        lambda: pickle.dumps(lambda: 1),
        lambda: pickle.dumps(threading.Lock()),
        lambda: pickle.dumps(each for each in [1]),
        lambda: json.dumps({1, 2}),
        lambda: json.dumps({"a": object()}),
    ):
        found = body(act)
        assert found["code"] == "SERIALIZATION_FAILED"
        assert found["context"]["suggestion"]


def test_memory_that_python_lacks_is_told_with_what_there_is() -> None:
    found = body(lambda: bytearray(1 << 60))
    assert found["code"] == "PYTHON_OUT_OF_MEMORY"
    assert found["retryable"] is True
    assert found["context"]["device"] == "cpu"
    if sys.platform == "linux":
        assert found["context"]["availableBytes"] > 0
