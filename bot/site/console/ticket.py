"""One ticket: what is known, what was said, and what one can do about it."""

import uuid
from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.errors import AlreadyClaimed, RequestError
from bot.site.console.entrance import bp, note, services
from bot.site.errors import refusal
from bot.tickets.ticket import Ticket

VIA = "console"
PageWithStatus = tuple[str, int]


@bp.get("/tickets/<reference>")
def ticket(reference: str) -> str | Response:
    """The page of a ticket, at the one spelling of its reference."""
    found = services().tickets.get(reference)
    if found.reference != reference:
        return redirect(url_for("console.ticket", reference=found.reference))
    return _page(found)


@bp.post("/tickets/<reference>/claim")
def claim(reference: str) -> PageWithStatus | Response:
    """Take it; from a colleague only where the form says from whom, so that nobody does it by accident."""
    tickets, given = services().tickets, request.form.get("from", "")
    if given and tickets.get(reference).assigned_to == given:
        tickets.release(reference, g.staff, VIA)
    try:
        return _done(tickets.claim(reference, g.staff, VIA), "claimed")
    except AlreadyClaimed as taken:
        return _page(tickets.get(reference), problem="claimed", by=taken.by), 409


@bp.post("/tickets/<reference>/release")
def release(reference: str) -> PageWithStatus | Response:
    """Leave it to anybody; what a colleague has stays with the colleague."""
    found = services().tickets.get(reference)
    if found.assigned_to != g.staff:
        return _page(found, problem="claimed" if found.assigned_to else "not_yours", by=found.assigned_to), 409
    return _done(services().tickets.release(reference, g.staff, VIA), "released")


@bp.post("/tickets/<reference>/reopen")
def reopen(reference: str) -> PageWithStatus | Response:
    """It was not done after all."""
    return _done(services().tickets.reopen(reference, g.staff, VIA), "reopened")


@bp.post("/tickets/<reference>/reply")
def reply(reference: str) -> PageWithStatus | Response:
    """Write to the learner."""
    tickets = services().tickets
    return _write(reference, "replied", lambda text, key: tickets.reply(reference, g.staff, text, VIA, key=key))


@bp.post("/tickets/<reference>/resolve")
def resolve(reference: str) -> PageWithStatus | Response:
    """It is done, with a last word if there is one; a second click changes nothing."""
    tickets = services().tickets
    found = tickets.get(reference)
    if not found.open:
        return _done(found, "resolved")
    return _write(reference, "resolved", lambda text, key: tickets.resolve(reference, g.staff, text, via=VIA))


@bp.post("/tickets/<reference>/note")
def add_note(reference: str) -> PageWithStatus | Response:
    """Write something for the team alone."""
    tickets = services().tickets
    return _write(reference, "noted", lambda text, key: tickets.note(reference, g.staff, text, VIA))


def _write(reference: str, done: str, write: Callable[[str, str], Ticket]) -> PageWithStatus | Response:
    """Write unless the ticket has changed since the person saw it; what was typed is never lost."""
    text, key = request.form.get("text", "").replace("\r\n", "\n"), _key(reference)
    found = services().tickets.get(reference)
    if _is_written(key):
        return _done(found, done)
    if done != "noted" and request.form.get("seen", _version(found)) != _version(found):
        return _page(found, problem="changed", draft=text), 409
    try:
        return _done(write(text, key), done)
    except RequestError as error:
        refused, field = refusal(error), "note_draft" if done == "noted" else "draft"
        return _page(found, problem=refused.code, **{field: text}), refused.status


def _key(reference: str) -> str:
    """Names one reply, so that a form that is sent twice is one reply."""
    try:
        return f"console:{reference.upper()[:20]}:{uuid.UUID(request.form.get('key', ''))}"
    except ValueError:
        return ""


def _is_written(key: str) -> bool:
    with services().database.transaction() as connection:
        return bool(key) and services().tickets.store.has_event(connection, key)


def _version(found: Ticket) -> str:
    return found.updated_at.isoformat()


def _done(found: Ticket, what: str) -> Response:
    note(what, ticket=found.reference)
    flash("", what)
    return redirect(url_for("console.ticket", reference=found.reference), 303)


def _page(found: Ticket, **shown: str) -> str:
    events = services().tickets.events(found.reference)
    forms = {"key": str(uuid.uuid4()), "seen": _version(found)}
    return render_template("console/ticket.html", ticket=found, events=events, **forms, **shown)
