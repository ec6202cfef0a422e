"""A learner's answer to the team: by the button under its message, or typed in the thread of it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError, DeliveryFailed, RequestError, UnknownTicket
from bot.outbox.templates import line
from bot.slack import sentences
from bot.slack.blocks import sections
from bot.slack.files import SlackFiles
from bot.slack.forms import form, written
from bot.slack.posting import Place, Poster, Saying, name_of
from bot.slack.replies import respond
from bot.slack.store import EventStore
from bot.slack.web import SlackApi
from bot.tickets.service import Tickets

VIA = "slack"
ANSWER_FORM = "answer"
log = logging.getLogger(__name__)


class TeamAnswers:
    """Takes answers only where the team's message went: nobody else writes in that direct message."""

    def __init__(
        self,
        tickets: Tickets,
        store: EventStore,
        api: SlackApi,
        poster: Poster,
        files: SlackFiles,
        network_of: Callable[[Place], str],
    ) -> None:
        """Put the parts together; `network_of` as `Questions` takes it."""
        self._tickets, self._store, self._api, self._poster = tickets, store, api, poster
        self._files, self._network_of = files, network_of

    def press(self, body: dict[str, Any]) -> None:
        """The button: opens the form."""
        reference, user = str(body["actions"][0]["value"]), str(body["user"]["id"])
        channel, ts = str(body["channel"]["id"]), str((body.get("message") or {}).get("ts") or "")

        def show() -> str:
            ticket = self._tickets.get(reference)
            if self._store.place_of(ticket.conversation_id) not in (channel, user):
                return sentences.say("not_your_button")
            notes = [] if ticket.open else [sentences.say("answer_reopens", reference=ticket.reference)]
            view = form(ANSWER_FORM, f"{ticket.reference} {channel} {ts}", ticket.reference, notes)
            self._api.call("views.open", trigger_id=body["trigger_id"], view=view)
            return ""

        if said := _attempt(reference, show):
            respond(body["response_url"], sections(said), replace_original=False)

    def submit(self, body: dict[str, Any]) -> None:
        """The form; the same form sent again is the same answer."""
        view, user = body["view"], str(body["user"]["id"])
        reference, channel, ts = str(view["private_metadata"]).split(" ")
        place = Place(str((body.get("team") or {}).get("id") or ""), channel, user, ts)
        self.take(place, reference, written(view), f"slack:{view['id']}")

    def take(self, place: Place, reference: str, text: str, key: str, files: Sequence[Mapping[str, Any]] = ()) -> None:
        """Keep an answer and say so in the thread of the team's message; the same key is the same answer."""

        def keep() -> str:
            before = self._tickets.get(reference)
            taken = self._files.take(files, before.conversation_id, self._network_of(place))
            names = [file.name for file in taken.kept]
            said = "\n\n".join(part for part in (text, line("files_added", names=names) if names else "") if part)
            if not said:
                return "\n".join(taken.problems)
            self._tickets.answer(reference, said, VIA, key=key, files=[file.id for file in taken.kept])
            done = sentences.say("done_answer" if before.open else "done_answer_reopens", reference=reference)
            return "\n".join([done, *taken.problems])

        said = _attempt(reference, keep)
        self._poster.say(place, [Saying(name_of(key, "told"), tuple(sections(said)))])

    def ticket_of(self, place: Place) -> str:
        """The ticket that the thread of a direct message is about, "" if none."""
        return self._store.ticket_of_thread(place.channel, place.thread) if place.alone and place.thread else ""


def _attempt(reference: str, act: Callable[[], str]) -> str:
    """What to tell the learner, in mrkdwn."""
    try:
        return act()
    except UnknownTicket:
        return sentences.say("unknown_ticket", reference=sentences.quoted(reference))
    except RequestError as error:
        return sentences.quoted(error.message)
    except (BotError, DeliveryFailed, SQLAlchemyError) as error:
        log.error("an answer to the team failed: %s", type(error).__name__)
        return sentences.say("failed")
