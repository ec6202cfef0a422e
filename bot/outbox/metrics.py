"""The outbox for Prometheus; counted anew in the database at each scrape, so that every process tells the same."""

from collections.abc import Callable, Iterator

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
    """Register it with the registry that is served: `REGISTRY.register(OutboxCollector(outbox.counts))`."""

    def __init__(self, counts: Callable[[], Counts]) -> None:
        """Ask `counts` at each scrape."""
        self._counts = counts

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [GaugeMetricFamily(f"outbox_{name}", text) for name, text in HELP.items()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            counts = self._counts()
        except SQLAlchemyError:
            return
        for name, text in HELP.items():
            yield GaugeMetricFamily(f"outbox_{name}", text, value=getattr(counts, name))
