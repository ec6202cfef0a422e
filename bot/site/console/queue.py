"""The queue: which tickets there are, who has them, and whether mail gets out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.site.console.entrance import bp, note, services
from bot.tickets.store import PAGE_LENGTH
from bot.tickets.ticket import State, TicketFilter

UNRESOLVED = tuple(state for state in State if state is not State.RESOLVED)
STATE_CHOICES = {"open": UNRESOLVED, **{state.value: (state,) for state in State}, "all": ()}
OWNERS, ORDERS = ("anyone", "me", "nobody"), ("oldest", "newest")
LONGEST_TICKET_SEARCH, LAST_PAGE = 200, 100_000
LONGEST_LETTER_WAIT = 900.0  # seconds that a letter may wait before it is an alarm


@dataclass(frozen=True)
class Wanted:
    """What the address of the page asks for."""

    state: str = "open"
    owner: str = "anyone"
    order: str = "oldest"
    q: str = ""
    page: int = 1

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> "Wanted":
        """Whatever cannot be used is as if it were not there."""
        page = given.get("page", "")
        return cls(
            state=_one_of(given.get("state"), STATE_CHOICES),
            owner=_one_of(given.get("owner"), OWNERS),
            order=_one_of(given.get("order"), ORDERS),
            q=given.get("q", "").replace("\0", "").strip()[:LONGEST_TICKET_SEARCH],
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    def filter(self, me: str) -> TicketFilter:
        """The same for the tickets."""
        owner = {"anyone": None, "me": me, "nobody": ""}[self.owner]
        return TicketFilter(STATE_CHOICES[self.state], owner, self.q, self.order == "oldest")

    def link(self, **changes: Any) -> str:
        """The address of the page with something changed, back on its first page unless told."""
        values = {**asdict(self), "page": 1, **changes}
        plain = asdict(Wanted())
        return url_for("console.queue", **{name: value for name, value in values.items() if value != plain[name]})


@bp.get("/")
def queue() -> str:
    """One page of tickets."""
    wanted = Wanted.of(request.args)
    tickets, total = services().tickets.find(wanted.filter(g.staff), wanted.page)
    by_state = services().tickets.counts()
    counts = {name: sum(by_state[state] for state in states or State) for name, states in STATE_CHOICES.items()}
    values = {"wanted": wanted, "tickets": tickets, "total": total, "pages": max(1, -(-total // PAGE_LENGTH))}
    return render_template("console/queue.html", **values, counts=counts, outbox=outbox_alarm(), orders=ORDERS)


@bp.post("/outbox/requeue")
def requeue() -> Response:
    """Try for another day what was given up."""
    number = services().outbox.requeue()
    note("requeue", letters=number)
    flash(str(number), "requeued")
    return redirect(url_for("console.queue"), 303)


def outbox_alarm() -> dict[str, Any] | None:
    """What is wrong with outgoing mail; None where nothing is."""
    counts = services().outbox.counts()
    late = counts.oldest_seconds > LONGEST_LETTER_WAIT
    return {"counts": counts, "late": late} if late or counts.dead else None


def _one_of(value: str | None, allowed: Iterable[str]) -> str:
    names = list(allowed)
    return value if value is not None and value in names else names[0]
