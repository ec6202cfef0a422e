"""Which tickets somebody looks at: read from the address of a page, and carried on from page to page."""

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from bot.tickets.ticket import State, TicketFilter

FOR_TEAM = (State.NEW, State.ASSIGNED, State.REOPENED)
UNRESOLVED = (*FOR_TEAM, State.WAITING)
# The states of a view, and whether what it shows is snoozed.
VIEWS: dict[str, tuple[tuple[State, ...], bool | None]] = {
    "open": (FOR_TEAM, False),
    "waiting": ((State.WAITING,), False),
    "snoozed": (UNRESOLVED, True),
    "resolved": ((State.RESOLVED,), None),
    "all": ((), None),
}
NOT_DUE = ("resolved", "all")
OWNERS, ORDERS = ("anyone", "me", "nobody", "colleagues"), ("due", "oldest", "newest")
LONGEST_TICKET_SEARCH, LAST_PAGE = 200, 100_000
MOST_COUNTED = 1_000  # tickets that a search finds


@dataclass(frozen=True)
class Wanted:
    """What the address of a page asks for. `owner` is one of OWNERS, or a colleague by what stands before the @."""

    state: str = "open"
    owner: str = "anyone"
    order: str = "due"
    q: str = ""
    tag: str = ""
    page: int = 1

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> "Wanted":
        """Whatever cannot be used is as if it were not there."""
        page = given.get("page", "")
        return cls(
            state=_one_of(given.get("state"), VIEWS),
            owner=_plain(given.get("owner", "")) or OWNERS[0],
            order=_one_of(given.get("order"), ORDERS),
            q=_plain(given.get("q", "")),
            tag=_plain(given.get("tag", "")),
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    @property
    def sorted_by(self) -> str:
        """The order; where most tickets are done, and nothing of them is due, the latest change comes first."""
        return "newest" if self.order == "due" and self.state in NOT_DUE else self.order

    def filter(self, me: str, staff: Iterable[str], now: datetime.datetime) -> TicketFilter:
        """The same for the tickets; an owner who is not of the team is nobody's name, and all are shown."""
        states, snoozed = VIEWS[self.state]
        named = next((one for one in staff if one.partition("@")[0] == self.owner), None)
        owner = {"me": me, "nobody": ""}.get(self.owner, None if self.owner in OWNERS else named)
        return TicketFilter(
            states=states,
            assigned_to=owner,
            text=self.q,
            oldest_first=self.sorted_by == "oldest",
            due_first=now if self.sorted_by == "due" else None,
            at=now,
            snoozed=snoozed,
            not_of=me if self.owner == "colleagues" else "",
            tag=self.tag,
            count_to=MOST_COUNTED if self.q else 0,
        )

    def values(self, **changes: Any) -> dict[str, Any]:
        """What an address has to say of it, with something changed."""
        plain = asdict(Wanted())
        return {name: value for name, value in {**asdict(self), **changes}.items() if value != plain[name]}

    def link(self, **changes: Any) -> str:
        """The address of the queue with something changed, back on its first page unless told."""
        return url_for("console.queue", **self.values(**{"page": 1, **changes}))

    def ticket(self, reference: str, action: str = "ticket", **others: Any) -> str:
        """The address of a ticket, or of something to do with it, from which one comes back here."""
        return url_for(f"console.{action}", reference=reference, **self.values(), **others)


def wanted_now() -> Wanted:
    """What the address of this request asks for, or leads back to."""
    return Wanted.of(request.args)


def _plain(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_TICKET_SEARCH]


def _one_of(value: str | None, allowed: Iterable[str]) -> str:
    names = list(allowed)
    return value if value is not None and value in names else names[0]
