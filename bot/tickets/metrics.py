"""Tickets for Prometheus; counted anew in the database at each scrape, so that every process tells the same."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.tickets.ticket import State, What


class TicketCollector(Collector):
    """Register it with the registry that is served: `TicketCollector(tickets.load, ...)`."""

    def __init__(
        self,
        load: Callable[[], tuple[dict[State, int], float]],
        undelivered: Callable[[], dict[What, int]] = dict,
        overdue: Callable[[], int] = int,
    ) -> None:
        """Ask `load`, `undelivered` and `overdue` at each scrape."""
        self._load, self._undelivered, self._overdue = load, undelivered, overdue

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without their values: registering asks no database."""
        return [_open(), _oldest(), _late(), _not_delivered()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics now; none while the database is away."""
        try:
            counts, seconds = self._load()
            undelivered, overdue = self._undelivered(), self._overdue()
        except SQLAlchemyError:
            return
        family = _open()
        for state, number in counts.items():
            if state is not State.RESOLVED:
                family.add_metric([state.value], number)
        yield family
        yield _oldest(seconds)
        yield _late(overdue)
        lost = _not_delivered()
        for what, number in undelivered.items():
            lost.add_metric([what.value], number)
        yield lost


def _open() -> GaugeMetricFamily:
    return GaugeMetricFamily("tickets_open", "Tickets not resolved", labels=["state"])


def _late(number: int | None = None) -> GaugeMetricFamily:
    text = "Tickets that wait longer than ANSWER_WITHIN or RESOLVE_WITHIN says"
    return GaugeMetricFamily("tickets_overdue", text, value=number)


def _not_delivered() -> GaugeMetricFamily:
    text = "Mails about tickets that our mail server did not take, or that came back"
    return GaugeMetricFamily("tickets_mails_not_delivered", text, labels=["what"])


def _oldest(seconds: float | None = None) -> GaugeMetricFamily:
    text = "How long the ticket that nobody touched for longest has waited for the team"
    return GaugeMetricFamily("tickets_oldest_untouched_seconds", text, value=seconds)


class RefusedMailCollector(Collector):
    """Refused mails that wait for a person, by reason: `REGISTRY.register(RefusedMailCollector(received.counts))`."""

    def __init__(self, counts: Callable[[], dict[str, int]]) -> None:
        """Ask `counts` at each scrape."""
        self._counts = counts

    def describe(self) -> list[GaugeMetricFamily]:
        """The metric without its values: registering asks no database."""
        return [_refused()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metric now; none while the database is away."""
        try:
            counts = self._counts()
        except SQLAlchemyError:
            return
        family = _refused()
        for reason, number in counts.items():
            family.add_metric([reason], number)
        yield family


def _refused() -> GaugeMetricFamily:
    return GaugeMetricFamily("mails_refused", "Incoming mails refused that nobody has seen to", labels=["reason"])
