"""Many calls of one function of a configured library in one message.

Answers are `(True, result)`, or `(False, error)` as errors travel: one for each call. Nothing of
this is loaded before the program asks for it.
"""

from __future__ import annotations

from amphis._internal.worker.around import HookError, call, find, given, run_hook
from amphis._internal.worker.invoke import invoke

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    Answer = tuple[bool, Any]
    Call = tuple[list[object], dict[str, object]]


def many(
    function: str, calls: list[Call], hooks: dict[str, str] | None = None, member: str = ""
) -> Any:  # noqa: ANN401 - answers, or what gives them
    """Call a function for each of many lists of arguments, with hooks around each call."""
    target = find(function)
    answers = [
        _answer(function, args, target, args, kwargs)
        if hooks is None
        else _answer(function, args, call, (hooks, function, member, args, kwargs))
        for args, kwargs in calls
    ]
    if any(is_right and _is_awaitable(result) for is_right, result in answers):
        return _awaited(function, calls, answers)
    return answers


async def _awaited(function: str, calls: list[Call], answers: list[Answer]) -> list[Answer]:
    from asyncio import gather  # noqa: PLC0415 - only for asynchronous functions

    async def settled(args: list[object], answer: Answer) -> Answer:
        if not answer[0] or not _is_awaitable(answer[1]):
            return answer
        try:
            return (True, await answer[1])
        except Exception as error:  # noqa: BLE001 - it is told of
            return _failed(function, args, error)

    given_args = [args for args, _ in calls]
    return await gather(*map(settled, given_args, answers))


def at_once(function: str, calls: list[Call], hooks: dict[str, str], member: str) -> Any:  # noqa: ANN401 - answers, or what gives them
    """Call a function that does many calls at once, with hooks around each of them.

    A call that a hook refuses is not among those that the function is given. Where the function
    gives too few results or too many, so are the answers.
    """
    target = find(function)
    before = [_answer(function, args, _before, (hooks, member, args)) for args, _ in calls]
    results = invoke(target, ([args for is_right, args in before if is_right],), {})

    def after(results: Any) -> object:  # noqa: ANN401 - whatever the function gave
        return _after(function, results, before, _after_hook(hooks, member))

    return _then(results, after) if _is_awaitable(results) else after(results)


async def _then(results: Awaitable[object], after: Callable[[Any], object]) -> object:
    return after(await results)


def _before(hooks: dict[str, str], member: str, args: list[object]) -> tuple[object, ...]:
    before = hooks.get("before")
    if before is None:
        return tuple(args)
    hook = (before, hooks["library"])
    answer = run_hook("before", *hook, (member, tuple(args), {}))
    args, kwargs = given(answer, (args, {}), hook)
    if kwargs:
        reason = "it gave keyword arguments, which a function for many calls does not take"
        raise HookError("before", *hook, reason)
    return tuple(args)


def _after_hook(hooks: dict[str, str], member: str) -> Callable[[object], object] | None:
    after = hooks.get("after")
    if after is None:
        return None
    return lambda result: run_hook("after", after, hooks["library"], (result, member))


def _after(
    function: str,
    results: Any,  # noqa: ANN401 - whatever the function gave
    before: list[Answer],
    hook: Callable[[object], object] | None,
) -> object:
    if hasattr(results, "tolist"):
        results = results.tolist()
    if not isinstance(results, (list, tuple)):
        return results
    refused = [answer for answer in before if not answer[0]]
    if len(results) + len(refused) != len(before):
        return [*results, *refused]
    rest = iter(results)
    return [
        answer if not answer[0] else _result(function, answer[1], next(rest), hook)
        for answer in before
    ]


def _result(
    function: str,
    args: Sequence[object],
    result: object,
    hook: Callable[[object], object] | None,
) -> Answer:
    return (True, result) if hook is None else _answer(function, args, hook, (result,))


def _answer(
    function: str,
    given_args: Sequence[object],
    target: object,
    args: Sequence[object],
    kwargs: dict[str, object] = {},  # noqa: B006 - nobody changes it
) -> Answer:
    """Call a target for one call of a function, which was given these arguments."""
    try:
        return (True, invoke(target, args, kwargs))
    except Exception as error:  # noqa: BLE001 - it is told of
        return _failed(function, given_args, error)


def _failed(function: str, args: Sequence[object], error: Exception) -> Answer:
    from amphis._internal.worker.failure_wire import Failure, describe  # noqa: PLC0415 - rare

    return (False, describe(error, Failure(function, args, None)))


def _is_awaitable(thing: object) -> bool:
    return hasattr(type(thing), "__await__")
