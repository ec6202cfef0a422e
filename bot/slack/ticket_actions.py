"""Tickets in Slack: commands, buttons and the reply form; each for staff, each in the name of who acted."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import (
    AlreadyClaimed,
    BotError,
    DeliveryFailed,
    RequestError,
    TicketChanged,
    UnfilledPlaceholder,
    UnknownTicket,
)
from bot.slack import cards, forms, sentences
from bot.slack.access import refusal
from bot.slack.blocks import Block, section, sections
from bot.slack.directory import Directory, Person
from bot.slack.forms import View, written
from bot.slack.posting import Place, Poster, Saying, name_of
from bot.slack.replies import respond
from bot.slack.web import SlackApi
from bot.tickets.service import Tickets
from bot.tickets.ticket import State, Ticket, TicketEvent, TicketFilter, news

OPEN_STATES = (State.NEW, State.ASSIGNED, State.WAITING, State.REOPENED)
VIA = "slack"
REPLY = "reply"  # the form
MOST_LISTED = 20
LONGEST_NEWS = 500  # characters of what is shown of each piece of news
log = logging.getLogger(__name__)


class TicketActions:
    """What staff can do with tickets from Slack."""

    def __init__(self, tickets: Tickets, directory: Directory, api: SlackApi, poster: Poster, site: str) -> None:
        """Put the parts together; `site` leads to the console."""
        self._tickets, self._directory, self._api, self._poster, self._site = tickets, directory, api, poster, site

    def open_tickets(self) -> list[Block]:
        """The open tickets as a list, the longest untouched first."""
        found, total = self._tickets.find(TicketFilter(states=OPEN_STATES))
        if not total:
            return sections(sentences.say("no_tickets"))
        listed = [cards.line(ticket, self._site) for ticket in found[:MOST_LISTED]]
        blocks = [section(sentences.say("tickets_title", total=str(total))), *listed]
        if total > len(listed):
            more = sentences.say("tickets_more", shown=str(len(listed)), console=f"<{self._site}/console/>")
            blocks.append(section(more))
        return blocks

    def list_command(self, place: Place, person: Person, arguments: str) -> list[Block]:
        """`/credential tickets`."""
        return self.open_tickets()

    def show_command(self, place: Place, person: Person, arguments: str) -> list[Block]:
        """`/credential ticket CRT-…`."""
        if not arguments:
            return sections(sentences.say("ticket_needs_reference"))
        try:
            ticket = self._tickets.get(arguments)
            return cards.card(ticket, self._site, self._tickets.events(ticket.reference))
        except UnknownTicket:
            return sections(sentences.say("unknown_ticket", reference=sentences.quoted(arguments[:40])))

    def press(self, body: dict[str, Any]) -> None:
        """Claim, Reply or Resolve; whoever acted is told what came of it, alone."""
        pressed = body["actions"][0]
        what, (reference, _, seen) = str(pressed["action_id"]).partition(":")[2], str(pressed["value"]).partition(" ")
        person = self._directory.person(str(body["user"]["id"]))
        if said := self._attempt(person, reference, lambda: self._do(what, reference, seen, person, body)):
            respond(body["response_url"], sections(said), replace_original=False)

    def submit(self, body: dict[str, Any]) -> None:
        """The reply form; the same form sent again is the same reply."""
        view, person = body["view"], self._directory.person(str(body["user"]["id"]))
        (reference, seen, _, *as_it_stands), text = _metadata(view), written(view)
        key = _key(view)

        kept = []

        def reply() -> str:
            before = self._tickets.get(reference)
            try:
                kept.append(
                    self._tickets.reply(
                        reference, person.address, text, VIA, key=key, seen=seen, as_it_stands=as_it_stands
                    )
                )
            except TicketChanged:
                return "reply_changed"
            return "done_reply" if before.open else "done_reply_reopens"

        blocks = sections(self._attempt(person, reference, reply))
        blocks += [] if kept else cards.quotation(text)  # nothing that somebody wrote is lost
        place = Place(str((body.get("team") or {}).get("id") or ""), person.user, person.user)
        self._poster.say(place, [Saying(name_of(key, "told"), tuple(blocks))])

    def changed(self, body: Mapping[str, Any]) -> View | None:
        """The reply form again, with what was written and what is new, where others have changed the ticket since, or
        with what is not filled in.

        Asks the database alone: it is called before the acknowledgement. Who may reply is looked at after it, so news
        are told only to who had the form open.
        """
        view = body["view"]
        reference, seen, by, *as_it_stands = _metadata(view)
        try:
            if not seen or self._tickets.knows(_key(view)):
                return None
            ticket, events = self._tickets.get(reference), self._tickets.events(reference)
        except (UnknownTicket, SQLAlchemyError):
            return None  # what is wrong is told after the acknowledgement
        new = news(events, seen, by)
        if not new:
            return self._unfilled(ticket, by, written(view), as_it_stands)
        notes = [sentences.say("changed", reference=reference), *map(_told, new[-cards.MOST_EVENTS :])]
        return _reply_form(ticket, by, notes, written(view))

    def _unfilled(self, ticket: Ticket, by: str, text: str, as_it_stands: Sequence[str]) -> View | None:
        """The form again, which sends what is not filled in once somebody has been told."""
        try:
            self._tickets.check_filled(text, as_it_stands)
        except UnfilledPlaceholder as error:
            return _reply_form(ticket, by, [sentences.quoted(error.message)], text, error.found)
        except SQLAlchemyError:
            pass  # told after the acknowledgement
        return None

    def _do(self, what: str, reference: str, seen: str, person: Person, body: Mapping[str, Any]) -> str:
        ticket = self._tickets.get(reference)
        if what == "reply":
            self._api.call("views.open", trigger_id=body["trigger_id"], view=_reply_form(ticket, person.address))
            return ""
        if not ticket.open:
            return "already_resolved"
        if what == "claim":
            self._tickets.claim(reference, person.address, VIA)
        else:
            self._tickets.resolve(reference, person.address, via=VIA, seen=seen)
        return f"done_{what}"

    def _attempt(self, person: Person, reference: str, act: Callable[[], str]) -> str:
        """What to tell the one who acted, in mrkdwn; "" for nothing."""
        if why := refusal(self._directory, person):
            log.warning("somebody may not work on tickets: %s", why)
            return sentences.say(f"refused_{why}")
        try:
            done = act()
        except AlreadyClaimed as error:
            return sentences.say(
                "already_claimed", who=sentences.quoted(error.by), reference=sentences.quoted(reference)
            )
        except TicketChanged:
            return sentences.say("resolve_changed", reference=sentences.quoted(reference))
        except UnknownTicket:
            return sentences.say("unknown_ticket", reference=sentences.quoted(reference))
        except RequestError as error:
            return sentences.quoted(error.message)
        except (BotError, DeliveryFailed, SQLAlchemyError) as error:
            log.error("work on a ticket failed: %s", type(error).__name__)
            return sentences.say("failed")
        return sentences.say(done, reference=sentences.quoted(reference)) if done else ""


def form(
    reference: str,
    seen: str = "",
    by: str = "",
    notes: Sequence[str] = (),
    text: str = "",
    as_it_stands: Sequence[str] = (),
) -> View:
    """The modal for a reply; it brings back the ticket, which version of it who saw, and what may stay unfilled."""
    said = [one for one in (reference, seen, by) if one] + [quote(one) for one in as_it_stands]
    return forms.form(REPLY, " ".join(said), reference, notes, text)


def _reply_form(
    ticket: Ticket, by: str, notes: Sequence[str] = (), text: str = "", as_it_stands: Sequence[str] = ()
) -> View:
    reopens = [] if ticket.open else [sentences.say("reply_reopens", reference=ticket.reference)]
    return form(ticket.reference, ticket.version, by, [*notes, *reopens], text, as_it_stands)


def _told(event: TicketEvent) -> str:
    said = cards.happened("change", event)
    return f"{said}\n{cards.quote(event.text, LONGEST_NEWS)}" if event.text else said


def _metadata(view: Mapping[str, Any]) -> list[str]:
    """The ticket's reference, the version that was seen, by whom (both may be ""), and what may stay unfilled."""
    reference, *others = str(view["private_metadata"]).split(" ")
    seen, by, *as_it_stands = [*others, "", ""][: max(2, len(others))]
    return [reference, seen, by, *map(unquote, as_it_stands)]


def _key(view: Mapping[str, Any]) -> str:
    return f"slack:{view['id']}"
