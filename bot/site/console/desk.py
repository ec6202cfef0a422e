"""What the team does with a ticket beside writing: give it away, order it, put it off, merge it."""

import datetime

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from bot.desk.service import tags_of
from bot.errors import CannotMerge, InvalidTag, NotStaff, UnknownTicket
from bot.site.console.entrance import bp, note, services
from bot.site.console.ticket import VIA, PageWithStatus, done, page, typed
from bot.site.console.wanted import wanted_now
from bot.tickets.ticket import Priority

LONGEST_SNOOZE = datetime.timedelta(days=366)
MOST_AT_ONCE = 50  # as many as a page of the queue has
BULK = ("assign", "resolve", "tag")


@bp.post("/tickets/<reference>/assign")
def assign(reference: str) -> PageWithStatus | Response:
    """Give it to a colleague."""
    try:
        return done(services().desk.assign(reference, _given("to"), g.staff, VIA), "assigned")
    except NotStaff:
        return page(services().tickets.get(reference), problem="not_staff"), 400


@bp.post("/tickets/<reference>/priority")
def prioritise(reference: str) -> PageWithStatus | Response:
    """Say how soon it wants an answer."""
    try:
        priority = Priority[_given("priority").upper()]
    except KeyError:
        return page(services().tickets.get(reference), problem="no_priority"), 400
    return done(services().desk.prioritise(reference, priority, g.staff, VIA), "prioritised")


@bp.post("/tickets/<reference>/tags")
def tag(reference: str) -> PageWithStatus | Response:
    """Give it the tags that were typed; what a colleague has added or taken away since the form was shown stays so."""
    try:
        was, wanted = tags_of(_given("was")), tags_of(_given("tags"))
        return done(services().desk.retag(reference, was, wanted, g.staff, VIA), "tagged")
    except InvalidTag:
        return page(services().tickets.get(reference), problem="bad_tag", tags_draft=_given("tags")), 400


@bp.post("/tickets/<reference>/snooze")
def snooze(reference: str) -> PageWithStatus | Response:
    """Put it off until a day begins; without a day it is back at once."""
    desk, given = services().desk, _given("until")
    if not given:
        return done(desk.snooze(reference, None, g.staff, VIA), "woken")
    day = _day(given)
    if day is None:
        return page(services().tickets.get(reference), problem="bad_day"), 400
    until = datetime.datetime.combine(day, datetime.time(), services().settings.time_zone)
    return done(desk.snooze(reference, until, g.staff, VIA, day.isoformat()), "snoozed")


@bp.post("/tickets/<reference>/merge")
def merge(reference: str) -> PageWithStatus | Response:
    """Let it go on in another one; in that of another address only if the form says so, as there is no way back."""
    into = _given("into")
    try:
        found, other = services().tickets.get(reference), services().tickets.get(into)
        if not set(found.addresses) & set(other.addresses) and _given("sure") != other.reference:
            return page(found, problem="other_person", merge_draft=other.reference, merge_contact=other.contact), 409
        return done(services().desk.merge(reference, into, g.staff, VIA), "merged")
    except (CannotMerge, UnknownTicket):
        found = services().tickets.get(reference)
        return page(found, problem="no_merge", merge_draft=into[:40]), 400


@bp.post("/tickets/<reference>/fill")
def fill_in(reference: str) -> str:
    """The page with a canned answer below what was typed; for browsers in which no script does it."""
    found = services().tickets.get(reference)
    chosen = next((one for one in services().canned_answers.filled(found) if str(one.id) == _given("canned")), None)
    parts = [typed().rstrip(), chosen.text if chosen else ""]
    return page(found, draft="\n\n".join(part for part in parts if part))


@bp.post("/bulk")
def bulk() -> Response:
    """The same with every ticket that was chosen; what is not possible with one leaves the others alone.

    A ticket with news since the queue was shown is not resolved: the learner may have written.
    """
    references, what = request.form.getlist("reference")[:MOST_AT_ONCE], _given("what")
    desk, tickets, back = services().desk, services().tickets, redirect(_queue(), 303)
    if not references or what not in BULK:
        flash("", "none_chosen")
        return back
    if what == "assign":
        to = _given("to")
        result = desk.each(references, lambda one: desk.assign(one, to, g.staff, VIA))
    elif what == "resolve":
        result = desk.each(references, lambda one: tickets.resolve(one, g.staff, via=VIA, seen=_given(f"seen {one}")))
    else:
        try:
            tags = tags_of(_given("tags"))
        except InvalidTag:
            flash("", "bad_tag")
            return back
        if not tags:
            flash("", "no_tag")
            return back
        result = desk.each(references, lambda one: desk.add_tags(one, tags, g.staff, VIA))
    note(f"bulk {what}", tickets=result[0])
    flash(" ".join([str(result[0]), *(one[:20] for one in result[1])]), f"bulk_{what}")
    return back


def _queue() -> str:
    wanted = wanted_now()
    return wanted.link(page=wanted.page)


def _given(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").strip()[:500]


def _day(text: str) -> datetime.date | None:
    """A day after today, within a year."""
    today = services().clock().astimezone(services().settings.time_zone).date()
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if today < day <= today + LONGEST_SNOOZE else None
