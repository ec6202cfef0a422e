"""One ticket: what is known, what was said, and what one can do about it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from bot.errors import AlreadyClaimed, RequestError, StoreUnavailable, TicketChanged, UnfilledPlaceholder
from bot.site.console.entrance import bp, colleagues, note, services
from bot.site.console.files import added_files, files_by_origin, has_files
from bot.site.console.queue import found as tickets_of
from bot.site.console.wanted import wanted_now
from bot.site.errors import refusal
from bot.tickets.ticket import Priority, Ticket

VIA = "console"
SAID_BY_PAGE = ("empty", "too_long")  # in words of its own
PageWithStatus = tuple[str, int]


@bp.get("/tickets/<reference>")
def ticket(reference: str) -> str | Response:
    """The page of a ticket, at the one spelling of its reference."""
    found = services().tickets.get(reference)
    if found.reference != reference:
        return redirect(wanted_now().ticket(found.reference))
    return page(found)


@bp.post("/tickets/<reference>/claim")
def claim(reference: str) -> PageWithStatus | Response:
    """Take it; from a colleague only where the form says from whom, so that nobody does it by accident."""
    tickets = services().tickets
    try:
        return done(tickets.claim(reference, g.staff, VIA, request.form.get("from", "")), "claimed")
    except AlreadyClaimed as taken:
        return page(tickets.get(reference), problem="claimed", by=taken.by), 409


@bp.post("/tickets/<reference>/release")
def release(reference: str) -> PageWithStatus | Response:
    """Leave it to anybody; what a colleague has stays with the colleague."""
    found = services().tickets.get(reference)
    if found.assigned_to != g.staff:
        return page(found, problem="claimed" if found.assigned_to else "not_yours", by=found.assigned_to), 409
    return done(services().tickets.release(reference, g.staff, VIA), "released")


@bp.post("/tickets/<reference>/reopen")
def reopen(reference: str) -> PageWithStatus | Response:
    """It was not done after all."""
    return done(services().tickets.reopen(reference, g.staff, VIA), "reopened")


@bp.post("/tickets/<reference>/reply")
def reply(reference: str) -> PageWithStatus | Response:
    """Write to the learner; a ticket that was resolved meanwhile is open again, which is said. Then as in `resolve`."""
    tickets, seen = services().tickets, _seen()
    found = tickets.get(reference)
    then = _next(found.reference) if request.args.get("then") == "next" else None
    return _write(
        reference,
        "replied" if found.open or then is not None else "replied_again",
        lambda text, key, files: tickets.reply(
            reference, g.staff, text, VIA, key=key, seen=seen, files=files, as_it_stands=_as_it_stands()
        ),
        then,
    )


@bp.post("/tickets/<reference>/resolve")
def resolve(reference: str) -> PageWithStatus | Response:
    """It is done, with a last word if there is one; a second click changes nothing. Then to the next one, if wished.

    To what a colleague has resolved meanwhile a last word is not added unseen, and neither is it lost.
    """
    tickets = services().tickets
    found, seen = tickets.get(reference), _seen()
    then = _next(found.reference) if request.args.get("then") == "next" else None
    if not found.open and not typed().strip() and not has_files():
        return done(found, "resolved", then)
    return _write(
        reference,
        "resolved",
        lambda text, key, files: tickets.resolve(
            reference, g.staff, text, via=VIA, key=key, seen=seen, files=files, as_it_stands=_as_it_stands()
        ),
        then,
    )


@bp.post("/tickets/<reference>/note")
def add_note(reference: str) -> PageWithStatus | Response:
    """Write something for the team alone."""
    tickets = services().tickets
    return _write(reference, "noted", lambda text, key, files: tickets.note(reference, g.staff, text, VIA))


def _write(
    reference: str, what: str, write: Callable[[str, str, Sequence[str]], Ticket], then: str | None = None
) -> PageWithStatus | Response:
    """Write unless there is news since the person saw the ticket; what was typed is never lost."""
    text, key = typed(), _key(reference)
    found = services().tickets.get(reference)
    if _is_written(key):
        return done(found, what, then)
    try:
        with added_files() as files:
            return done(write(text, key, files), what, then)
    except TicketChanged:
        found = services().tickets.get(reference)
        problem = "changed" if found.reference == reference.upper() else "merged"
        return page(found, problem=problem, draft=text, files_left=has_files()), 409
    except UnfilledPlaceholder as error:
        found = services().tickets.get(reference)
        shown = {"problem": "unfilled", "told": error.message, "as_it_stands": error.found}
        return page(found, draft=text, files_left=has_files(), **shown), 409
    except (RequestError, StoreUnavailable) as error:
        refused, field = refusal(error), "note_draft" if what == "noted" else "draft"
        told = refused.message if refused.code not in SAID_BY_PAGE else ""
        return page(found, problem=refused.code, told=told, files_left=has_files(), **{field: text}), refused.status


def _key(reference: str) -> str:
    """Names one reply, so that a form that is sent twice is one reply."""
    try:
        return f"console:{reference.upper()[:20]}:{uuid.UUID(request.form.get('key', ''))}"
    except ValueError:
        return ""


def _is_written(key: str) -> bool:
    with services().database.transaction() as connection:
        return bool(key) and services().tickets.store.has_event(connection, key)


def _seen() -> str:
    """The version of the ticket that the form was shown with."""
    return request.form.get("seen", "")


def _as_it_stands() -> list[str]:
    """What the writer has been told is not filled in, and sends once more."""
    return request.form.getlist("as_it_stands")


def typed() -> str:
    """What stands in the text of the form."""
    return request.form.get("text", "").replace("\r\n", "\n")


def done(found: Ticket, what: str, then: str | None = None) -> Response:
    """Say what was done: on the page of the ticket, or on that of the next one (`then`; "" for the queue)."""
    note(what, ticket=found.reference)
    wanted = wanted_now()
    if then is None:
        flash("", what)
        return redirect(wanted.ticket(found.reference), 303)
    flash(found.reference, f"{what}_next" if then else f"{what}_last")
    return redirect(wanted.ticket(then) if then else wanted.link(page=wanted.page), 303)


def _next(reference: str) -> str:
    """The ticket after this one in the queue that one came from; "" where there is no other."""
    wanted = wanted_now()
    listed = [one.reference for one in tickets_of(wanted)[0]]
    place = listed.index(reference) + 1 if reference in listed else 0
    others = [one for one in [*listed[place:], *listed[:place]] if one != reference]
    if not others and wanted.page > 1:
        others = [one.reference for one in tickets_of(replace(wanted, page=1))[0] if one.reference != reference]
    return others[0] if others else ""


def page(found: Ticket, **shown: str | bool | Sequence[str]) -> str:
    """The page of a ticket.

    Args:
        shown: what was not possible, what was typed so far, and whether files were chosen, which no page can keep.
    """
    tickets, reference = services().tickets, found.reference
    merged = tickets.merged(reference)
    return render_template(
        "console/ticket.html",
        ticket=found,
        events=tickets.events(reference),
        mails=services().received.of_ticket(reference),
        files=files_by_origin([reference, *(one.reference for one in merged)]),
        merged=merged,
        answers=services().canned_answers.filled(found) if found.open or "draft" in shown else [],
        colleagues=colleagues(),
        known_tags=services().desk.tags(),
        priorities=[one.name.lower() for one in reversed(Priority)],
        now=services().clock(),
        wanted=wanted_now(),
        key=str(uuid.uuid4()),
        seen=found.version,
        **shown,
    )
