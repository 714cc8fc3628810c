"""The Python end of the story: answers, streams, and listens, with the standard library alone."""

import statistics
import sys
from collections.abc import Iterator

# region worker
from amphis import Message
from amphis.bus import Request, open_bus

with open_bus(sys.argv[1], name="statistics") as bus:

    @bus.endpoint("statistics.median", capabilities=["statistics"])
    def median(numbers: list[float], _request: Request) -> float:
        """Answer with one value, or with what is raised."""
        return statistics.median(numbers)

    @bus.endpoint("statistics.running")
    def running(numbers: list[float], _request: Request) -> Iterator[float]:
        """Answer with a stream."""
        for count in range(1, len(numbers) + 1):
            yield statistics.fmean(numbers[:count])

    def warn(reading: dict[str, object], _event: Message) -> None:
        """Hear of hot readings, and tell everyone."""
        bus.publish("alerts.hot", reading)

    bus.subscribe("readings.*", warn, filter={"payload.celsius": {"gt": 80}})
    # endregion worker

    @bus.endpoint("echo")
    def echo(value: object, _request: Request) -> object:
        """Answer with what was asked."""
        return value

    events: list[object] = []
    bus.subscribe("figures", lambda value, _event: events.append(value))

    @bus.endpoint("counted")
    def counted(_value: object, _request: Request) -> int:
        """Tell how many events came."""
        return len(events)

    bus.publish("worker.ready")
    bus.serve_forever()
