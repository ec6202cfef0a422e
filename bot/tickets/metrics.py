"""Tickets for Prometheus; counted anew in the database at each scrape, so that every process tells the same."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.tickets.ticket import State


class TicketCollector(Collector):
    """Register it with the registry that is served: `REGISTRY.register(TicketCollector(tickets.load))`."""

    def __init__(self, load: Callable[[], tuple[dict[State, int], float]]) -> None:
        """Ask `load` at each scrape."""
        self._load = load

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [_open(), _oldest()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            counts, seconds = self._load()
        except SQLAlchemyError:
            return
        family = _open()
        for state, number in counts.items():
            if state is not State.RESOLVED:
                family.add_metric([state.value], number)
        yield family
        yield _oldest(seconds)


def _open() -> GaugeMetricFamily:
    return GaugeMetricFamily("tickets_open", "Tickets not resolved", labels=["state"])


def _oldest(seconds: float | None = None) -> GaugeMetricFamily:
    text = "How long the ticket that nobody touched for longest has waited for the team"
    return GaugeMetricFamily("tickets_oldest_untouched_seconds", text, value=seconds)
