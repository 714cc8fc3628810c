"""What is denied by a policy: an error for the code that tried, and an event for the program."""

from __future__ import annotations

from threading import RLock
from types import ModuleType

from amphis._internal._generated.error_codes import ErrorCode

# Now, as code that is being denied something is no moment to import.
from amphis._internal._generated.error_table import ERRORS
from amphis._internal.errors import AmphisError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from amphis._internal.worker.core import Core
    from amphis._internal.worker.guard_policy import Policy

_MOST_TEXT = 200
# Whoever tries in a loop is not to fill the memory of the program: then only every so many is told.
_ALL_TOLD = 100
_STEP = 100


class PolicyDenied(AmphisError, PermissionError):  # noqa: N818 - as the code of the error
    """The policy does not allow it; a library that can do without goes on, as without the right."""


class Reports:
    """Counts what is denied, tells the program of it, and makes what is raised."""

    def __init__(self) -> None:
        self._core: Core | None = None
        self._lock = RLock()
        self._count = 0
        self._advice = ""
        # Looked at once, so that it is there.
        ERRORS[ErrorCode.POLICY_DENIED]

    def join(self, core: Core) -> None:
        """Say of which worker this process is."""
        self._core = core

    def advise(self, policy: Policy) -> None:
        """Say what would be allowed, where that is more than a grant."""
        if policy.hosts and policy.is_sandboxed:
            self._advice = (
                "; hosts are reached through the proxy in HTTPS_PROXY and by no other way"
            )
        elif policy.hosts:
            self._advice = '; "{}" would have to be in the list of hosts'

    def __call__(self, rule: str, event: str, target: object) -> PolicyDenied:
        """What is to be raised."""
        text = text_of(target)
        with self._lock:
            self._count += 1
            count = self._count
        core = self._core
        if core is not None and core.control.is_mine and (count <= _ALL_TOLD or count % _STEP == 0):
            told = {"event": "denied", "rule": rule, "audit": event, "target": text}
            core.tell({**told, "count": count, "call": core.current_call()})
        what = f"{event} {text}".strip()
        advice = self._advice.replace("{}", text) if rule == "network" else ""
        return PolicyDenied(
            ErrorCode.POLICY_DENIED,
            f"Cannot do {what}: the policy denies it by the rule {rule}{advice}",
            {"rule": rule, "event": event, "target": text},
        )


def text_of(target: object) -> str:
    """An object for people, without running code of it."""
    kind = type(target)
    if kind is str:
        text = str(target)
    elif isinstance(target, bytes):
        text = target.decode("utf-8", "replace")
    elif issubclass(kind, ModuleType):
        text = str(ModuleType.__getattribute__(target, "__dict__").get("__name__", ""))
    elif target is None:
        text = ""
    else:
        text = f"a {kind.__name__}"
    return text[:_MOST_TEXT].encode("utf-8", "replace").decode()
