"""Tickets in Slack: commands, buttons and the reply form; each for staff, each in the name of who acted."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import AlreadyClaimed, BotError, DeliveryFailed, RequestError, UnknownTicket
from bot.slack import cards, sentences
from bot.slack.access import refusal
from bot.slack.blocks import Block, section, sections
from bot.slack.directory import Directory, Person
from bot.slack.posting import Place, Poster, Saying, name_of
from bot.slack.replies import respond
from bot.slack.web import SlackApi
from bot.tickets.service import Tickets
from bot.tickets.ticket import State, TicketFilter

OPEN_STATES = (State.NEW, State.ASSIGNED, State.WAITING, State.REOPENED)
VIA = "slack"
REPLY = "ticket_reply"  # the form
TEXT = "text"  # its block and its field
LONGEST_REPLY = 3000  # what a field of Slack's takes
MOST_LISTED = 20
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
            return cards.card(self._tickets.get(arguments), self._site)
        except UnknownTicket:
            return sections(sentences.say("unknown_ticket", reference=sentences.quoted(arguments[:40])))

    def press(self, body: dict[str, Any]) -> None:
        """Claim, Reply or Resolve; whoever acted is told what came of it, alone."""
        pressed = body["actions"][0]
        what, reference = str(pressed["action_id"]).partition(":")[2], str(pressed["value"])
        person = self._directory.person(str(body["user"]["id"]))
        if said := self._attempt(person, reference, lambda: self._do(what, reference, person, body)):
            respond(body["response_url"], sections(said), replace_original=False)

    def submit(self, body: dict[str, Any]) -> None:
        """The reply form; the same form sent again is the same reply."""
        view, person = body["view"], self._directory.person(str(body["user"]["id"]))
        reference, text = str(view["private_metadata"]), reply_text(view)
        key = f"slack:{view['id']}"

        def reply() -> str:
            self._tickets.reply(reference, person.address, text, VIA, key=key)
            return "done_reply"

        said = self._attempt(person, reference, reply)
        place = Place(str((body.get("team") or {}).get("id") or ""), person.user, person.user)
        self._poster.say(place, [Saying(name_of(key, "told"), tuple(sections(said)))])

    def _do(self, what: str, reference: str, person: Person, body: Mapping[str, Any]) -> str:
        if what == "reply":
            self._api.call("views.open", trigger_id=body["trigger_id"], view=form(reference))
            return ""
        if not self._tickets.get(reference).open:
            return "already_resolved"
        if what == "claim":
            self._tickets.claim(reference, person.address, VIA)
        else:
            self._tickets.resolve(reference, person.address, via=VIA)
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
        except UnknownTicket:
            return sentences.say("unknown_ticket", reference=sentences.quoted(reference))
        except RequestError as error:
            return sentences.quoted(error.message)
        except (BotError, DeliveryFailed, SQLAlchemyError) as error:
            log.error("work on a ticket failed: %s", type(error).__name__)
            return sentences.say("failed")
        return sentences.say(done, reference=sentences.quoted(reference)) if done else ""


def form(reference: str) -> dict[str, Any]:
    """The modal for a reply."""
    field = {"type": "plain_text_input", "action_id": TEXT, "multiline": True, "max_length": LONGEST_REPLY}
    label = _plain("reply_label", reference=reference)
    return {
        "type": "modal",
        "callback_id": REPLY,
        "private_metadata": reference,
        "title": _plain("reply_title"),
        "submit": _plain("reply_submit"),
        "close": _plain("reply_close"),
        "blocks": [{"type": "input", "block_id": TEXT, "label": label, "element": field}],
    }


def reply_text(view: Mapping[str, Any]) -> str:
    """What was written into the form."""
    return str(view["state"]["values"][TEXT][TEXT].get("value") or "").strip()


def _plain(name: str, **values: str) -> dict[str, str]:
    return {"type": "plain_text", "text": sentences.plain(name, **values)}
