"""The outbox for Prometheus; counted anew in the database at each scrape, so that every process tells the same."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.outbox.store import Counts

HELP = {
    "waiting": "Letters not delivered yet",
    "oldest_seconds": "Age of the oldest letter not delivered yet",
    "dead": "Letters given up that can be requeued",
    "dropped": "Letters given up that cannot, such as one-time codes past their time",
}


class OutboxCollector(Collector):
    """Register it with the registry that is served: `REGISTRY.register(OutboxCollector(outbox.counts_by_kind))`."""

    def __init__(self, counts: Callable[[], Mapping[str, Counts]]) -> None:
        """Ask `counts` at each scrape."""
        self._counts = counts

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [_family(name) for name in HELP]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            counts = self._counts()
        except SQLAlchemyError:
            return
        for name in HELP:
            family = _family(name)
            for kind, found in counts.items():
                family.add_metric([kind], getattr(found, name))
            yield family


def _family(name: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"outbox_{name}", HELP[name], labels=["kind"])
