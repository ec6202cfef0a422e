"""What the team does with a ticket beside writing: give it away, order it, put it off, merge it."""

import datetime
from collections.abc import Sequence

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk.service import tags_of
from bot.errors import CannotMerge, InvalidTag, NotStaff, UnknownTicket
from bot.site.console.entrance import bp, note, services
from bot.site.console.ticket import VIA, PageWithStatus, done, page, typed
from bot.site.console.wanted import wanted_now
from bot.tickets.ticket import Priority, Ticket, news

LONGEST_SNOOZE = datetime.timedelta(days=366)
MOST_AT_ONCE = 50  # as many as a page of the queue has
BULK = ("assign", "resolve", "tag")


@bp.post("/tickets/<reference>/assign")
def assign(reference: str) -> PageWithStatus | Response:
    """Give it to a colleague."""
    try:
        to = _given("to")
        return done(services().desk.assign(reference, to, g.staff, VIA), "claimed" if to == g.staff else "assigned")
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
def bulk() -> str | Response:
    """The same with every ticket that was chosen; what is not possible with one leaves the others alone.

    Before several are resolved it is asked once, as each learner gets a mail. A ticket with news since the queue was
    shown is not resolved: the learner may have written.
    """
    references, what = request.form.getlist("reference")[:MOST_AT_ONCE], _given("what")
    desk, tickets = services().desk, services().tickets
    if not references or what not in BULK:
        return _refused("none_chosen", references)
    if what == "assign":
        try:
            result = desk.assign_each(references, _given("to"), g.staff, VIA)
        except NotStaff:
            return _refused("not_staff", references)
    elif what == "resolve":
        if _given("sure") != "yes":
            return _ask(references)
        result = desk.each(references, lambda one: tickets.resolve(one, g.staff, via=VIA, seen=_given(f"seen {one}")))
    else:
        try:
            tags = tags_of(_given("tags"))
        except InvalidTag:
            return _refused("bad_tag", references)
        if not tags:
            return _refused("no_tag", references)
        result = desk.each(references, lambda one: desk.add_tags(one, tags, g.staff, VIA))
    note(f"bulk {what}", tickets=result[0])
    flash(" ".join([str(result[0]), *(one[:20] for one in result[1])]), f"bulk_{what}")
    return redirect(_queue(), 303)


def _ask(references: Sequence[str]) -> str:
    """A page that says what will be resolved, and how many people are told."""
    tickets = services().tickets
    found, left = dict[str, Ticket](), list[str]()
    for reference in references:
        try:
            one = tickets.get(reference)
        except UnknownTicket:
            left.append(reference[:20])
            continue
        has_news = news(tickets.events(one.reference), _given(f"seen {reference}"), g.staff)
        if one.open and not has_news:
            found[reference] = one
        else:
            left.append(one.reference)
    return render_template(
        "console/bulk_resolve.html",
        tickets=found,
        left=left,
        people=len({one.contact for one in found.values()}),
        seen={one: _given(f"seen {one}") for one in found},
        wanted=wanted_now(),
        back=_queue(references),
    )


def _refused(why: str, chosen: Sequence[str]) -> Response:
    flash("", why)
    return redirect(_queue(chosen), 303)


def _queue(chosen: Sequence[str] = ()) -> str:
    """The queue that one came from, with what was chosen there."""
    wanted = wanted_now()
    kept = {"chosen": ",".join(one[:20] for one in chosen)} if chosen else {}
    return url_for("console.queue", **{**wanted.values(), **kept})


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
