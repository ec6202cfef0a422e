"""The queue: which tickets there are, who has them, and whether mail gets out."""

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from bot.site.console.entrance import bp, colleagues, note, services
from bot.site.console.mails import mail_alarm
from bot.site.console.wanted import MOST_COUNTED, ORDERS, OWNERS, VIEWS, Wanted, wanted_now
from bot.tickets.inbox import InboxState
from bot.tickets.store import PAGE_LENGTH
from bot.tickets.ticket import Ticket, TicketFilter

LONGEST_LETTER_WAIT = 900.0  # seconds that a letter may wait before it is an alarm


@bp.get("/")
def queue() -> str | Response:
    """One page of tickets; what was its last page may be empty by now, and the one before is shown."""
    wanted = wanted_now()
    tickets, total = found(wanted)
    if not tickets and wanted.page > 1:
        return redirect(wanted.link(page=min(wanted.page - 1, max(1, -(-total // PAGE_LENGTH)))))
    uncounted = bool(wanted.q) and total > MOST_COUNTED
    alarms = {"outbox": outbox_alarm(), "inbox": inbox_alarm(), "refused_mails": mail_alarm()}
    return render_template(
        "console/queue.html",
        wanted=wanted,
        tickets=tickets,
        total=MOST_COUNTED if uncounted else total,
        uncounted=uncounted,
        pages=max(1, -(-total // PAGE_LENGTH)),
        more=len(tickets) == PAGE_LENGTH if uncounted else wanted.page * PAGE_LENGTH < total,
        counts=counts(),
        owners=owners(),
        tags=services().desk.tags(),
        colleagues=colleagues(),
        orders=ORDERS,
        unanswered=services().tickets.unanswered(tickets),
        chosen=request.args.get("chosen", "").split(","),
        **alarms,
    )


@bp.post("/outbox/requeue")
def requeue() -> Response:
    """Try for another day what was given up."""
    number = services().outbox.requeue()
    note("requeue", letters=number)
    flash(str(number), "requeued")
    return redirect(wanted_now().link(), 303)


def found(wanted: Wanted) -> tuple[list[Ticket], int]:
    """The tickets of a page, and how many there are on all pages; a search says MOST_COUNTED + 1 for more."""
    return services().tickets.find(filter_of(wanted), wanted.page)


def filter_of(wanted: Wanted) -> TicketFilter:
    """For who is signed in, now."""
    return wanted.filter(g.staff, colleagues(), services().clock())


def counts() -> Mapping[str, int]:
    """How many tickets each view has."""
    now = services().clock()
    by_state, asleep = services().tickets.counts(), services().tickets.asleep(now)
    totals = {}
    for name, (states, snoozed) in VIEWS.items():
        there = sum(by_state[state] for state in states or by_state)
        sleeping = sum(asleep.get(state, 0) for state in states)
        totals[name] = there if snoozed is None else sleeping if snoozed else there - sleeping
    return totals


def owners() -> dict[str, str]:
    """Whose tickets can be asked for, by what the address says; a colleague's name is what stands before the @."""
    names = [one.partition("@")[0] for one in colleagues() if one != g.staff]
    return {**{name: "" for name in OWNERS}, **{name: name for name in names if names.count(name) == 1}}


def outbox_alarm() -> dict[str, Any] | None:
    """What is wrong with outgoing mail; None where nothing is."""
    waiting = services().outbox.counts()
    late = waiting.oldest_seconds > LONGEST_LETTER_WAIT
    return {"counts": waiting, "late": late} if late or waiting.dead else None


def inbox_alarm() -> InboxState | None:
    """What is wrong with the inbox of answers; None where nothing is, or none is read."""
    inbox = services().inbox
    state = inbox.state() if inbox else None
    return state if state and not state.readable else None
