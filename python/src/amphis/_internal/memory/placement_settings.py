"""How connections of this process decide, and what its log is told of that."""

from __future__ import annotations

from amphis._internal.memory.placement import Placement, PlacementEvent, PlacementOptions

_options = PlacementOptions()


def set_options(options: PlacementOptions) -> None:
    """Let memory that is used for the first time from now on decide so."""
    global _options  # noqa: PLW0603 - one for this process
    _options = options


def new_placement() -> Placement:
    """A placement for one connection."""
    return Placement(_options, on_event=_report)


def _report(event: PlacementEvent) -> None:
    """Write what an operator should see to the logger `amphis.memory`."""
    if event.kind == "preferred":
        return
    # Rare, and it takes a while to load.
    import logging  # noqa: PLC0415

    logger = logging.getLogger("amphis.memory")
    if event.kind == "switched-off":
        logger.warning("shared memory failed too often, last: %s; values go inline", event.failure)
    else:
        logger.info("shared memory works again")
