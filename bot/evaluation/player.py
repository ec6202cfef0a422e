"""Plays conversations through the site's own API against the trained model, everything in this process.

The database and the mail are its own, in a temporary folder; between two turns the clock goes on by a minute, as people
need time to look into their mail.
"""

import asyncio
import datetime
import importlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent

from bot import bootstrap
from bot.clock import now
from bot.conversations.message import AssistantReply, UserInput
from bot.evaluation import conversations
from bot.evaluation.conversations import Heard, Played, PlayedTurn, TicketSeen
from bot.evaluation.in_process import agent, private_services
from bot.evaluation.learners import put_in
from bot.outbox.message import OutgoingMail
from bot.rasa.channel import user_message
from bot.retention.person import Retention
from bot.settings import Settings
from bot.tickets.ticket import LEARNER, TicketFilter, What
from bot.tokens import MessageToken

PAUSE = datetime.timedelta(minutes=1)
STAFF = "staff@example.com"
_CODE = re.compile(r"\b\d{6}\b")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")


class ShiftedClock:
    """The time, and what was added to it."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.shift = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        """As a clock."""
        return now() + self.shift


class AssistantHere:
    """Rasa as the site sees it, without a server between."""

    def __init__(self, agent: Agent) -> None:
        """Ask a loaded agent, in a loop of its own."""
        self._agent, self._loop, self._alone = agent, asyncio.new_event_loop(), threading.Lock()

    def reply(
        self, conversation_id: str, channel: str, said: UserInput, context: Mapping[str, Any] | None = None
    ) -> list[AssistantReply]:
        """As `conversations.assistant.Assistant.reply`."""
        message = user_message({**said.as_json(), "context": context}, MessageToken(conversation_id, channel, None))
        if message is None:
            raise ValueError("neither text nor payload")
        with self._alone:
            self._loop.run_until_complete(self._agent.handle_message(message))
        return [AssistantReply.from_json(one) for one in message.output_channel.replies]  # type: ignore[union-attr]

    def ready(self) -> bool:
        """It is here."""
        return True

    def health(self) -> Mapping[str, Any]:
        """As `conversations.assistant.Assistant.health`; it follows no publication."""
        return {}


class CaughtMails:
    """What the outbox sends, kept for reading."""

    def __init__(self) -> None:
        """None yet."""
        self.sent: list[OutgoingMail] = []

    def send(self, letter: Any) -> None:
        """As a transport of the outbox."""
        self.sent.append(OutgoingMail.from_json(letter.payload))

    def close(self) -> None:
        """Nothing is open."""

    def codes(self, address: str) -> list[str]:
        """The codes that went to an address, the newest last."""
        found = [_CODE.search(mail.text) for mail in self.sent if mail.to == address and "code" in mail.subject.lower()]
        return [match.group() for match in found if match]


class Player:
    """Plays one conversation after the other, each with a network address and learners of its own."""

    def __init__(self, services: bootstrap.Services, clock: ShiftedClock, mails: CaughtMails) -> None:
        """Use services whose assistant is AssistantHere and whose mail is `mails`."""
        from bot.site.app import create_app

        self._services, self._clock, self._mails = services, clock, mails
        self._app, self._number = create_app(services), 0

    def play(self, conversation: Mapping[str, Any]) -> Played:
        """From the greeting to the last turn, then the end is judged."""
        self._number += 1
        self._mails.sent.clear()
        learners = (conversation.get("setup") or {}).get("learners") or []
        put_in(self._services, learners)
        table = _Table(self._app, self._services, self._mails, self._number)
        turns: list[PlayedTurn] = []
        for turn in conversation["turns"]:
            self._clock.shift += PAUSE
            said, heard = table.take(turn)
            before = next((one.heard for one in reversed(turns) if one.heard), ())
            turns.append(PlayedTurn(said, tuple(heard), conversations.judge_turn(turn, heard, before)))
        tickets = self._tickets(table.conversation_id)
        problems = conversations.judge_end(conversation.get("after"), tickets, self._watches(table.conversation_id))
        kind = str(conversation.get("kind") or conversation.get("note") or "").split(";")[0].split(",")[0].split(".")[0]
        self._clean({one["email"] for one in learners} | table.addresses, table.conversation_id)
        return Played(id=str(conversation["id"]), kind=kind.strip(), turns=tuple(turns), problems=problems)

    def _tickets(self, conversation_id: str) -> list[TicketSeen]:
        found, _ = self._services.tickets.find(TicketFilter())
        mine = [one for one in found if one.conversation_id == conversation_id]
        return [self._seen(one) for one in sorted(mine, key=lambda one: one.reference)]

    def _seen(self, ticket: Any) -> TicketSeen:
        events = self._services.tickets.events(ticket.reference)
        answers = [event.text for event in events if event.what is What.ANSWERED or event.who == LEARNER]
        return TicketSeen(
            about=ticket.about,
            contact=ticket.contact,
            title=ticket.title,
            reason=ticket.reason.value,
            state=ticket.state.value,
            answers=tuple(answers),
        )

    def _watches(self, conversation_id: str) -> int:
        watching = getattr(self._services, "watching", None)
        return len(watching.of_conversation(conversation_id)) if watching else 0

    def _clean(self, addresses: set[str], conversation_id: str) -> None:
        retention = Retention(self._services.database, self._services.purge.tracker_events)
        for address in addresses:
            retention.erase(address.lower())
        self._services.store.delete(conversation_id)


class _Table:
    """One learner at the widget, and the team at the other end."""

    def __init__(self, app: Any, services: bootstrap.Services, mails: CaughtMails, number: int) -> None:
        self._client, self._services, self._mails = app.test_client(), services, mails
        # Networks apart: on a quick machine more conversations begin in a minute than one network may have.
        self._from = {"REMOTE_ADDR": f"10.{number & 255}.{number >> 8 & 255}.{number >> 16 & 255}"}
        answer = self._client.post("/api/conversations", environ_base=self._from).get_json()
        self.conversation_id: str = answer["conversation_id"]
        self._shown = [_heard(one) for one in answer["messages"]]
        self._last_id = answer["messages"][-1]["id"] if answer["messages"] else ""
        self.addresses: set[str] = set()
        self._last_address = ""

    def take(self, turn: Mapping[str, Any]) -> tuple[str, list[Heard]]:
        """One turn: what was said, what came back."""
        if "team" in turn:
            return self._team(turn["team"])
        if "press" in turn:
            return self._press(str(turn["press"]))
        text = self._filled(str(turn["user"]))
        for address in _ADDRESS.findall(text):
            self.addresses.add(address.rstrip("."))
            self._last_address = address.rstrip(".").lower()
        return text, self._post({"text": text})

    def _press(self, title: str) -> tuple[str, list[Heard]]:
        offered = [(t, p) for one in self._shown for t, p in one.buttons]
        wanted = conversations.read(title)
        exact = [p for t, p in reversed(offered) if conversations.read(t) == wanted]
        near = [p for t, p in reversed(offered) if wanted in conversations.read(t)]
        found = exact or near
        said = f"[{title}]"
        return (said, self._post({"payload": found[0]})) if found else (f"{said} (no such button)", [])

    def _team(self, does: Mapping[str, str]) -> tuple[str, list[Heard]]:
        ticket = self._services.tickets.of_conversation(self.conversation_id)
        (name, text), *_ = does.items()
        if ticket is None:
            return f"team: {name} (no ticket)", []
        if name == "reply":
            self._services.tickets.reply(ticket.reference, STAFF, str(text), "console")
        else:
            words = str(text) if isinstance(text, str) else ""
            self._services.tickets.resolve(ticket.reference, STAFF, words, via="console")
        return f"team: {name} {text}", self._news()

    def _news(self) -> list[Heard]:
        query = {"after": self._last_id} if self._last_id else {}
        answer = self._client.get("/api/messages", query_string=query, environ_base=self._from).get_json()
        return self._keep([one for one in answer["messages"] if one.get("role") != "user"])

    def _post(self, body: dict[str, str]) -> list[Heard]:
        answer = self._client.post("/api/messages", json=body, environ_base=self._from).get_json()
        before = len(self._mails.sent)
        while self._services.outbox.deliver_due("player"):
            pass
        # An address that was put right without being typed anew is where the code now is.
        to = [mail.to for mail in self._mails.sent[before:] if "code" in mail.subject.lower()]
        self._last_address = to[-1].lower() if to else self._last_address
        if "messages" not in answer:
            return [Heard("error", answer["error"]["message"], (), answer["error"]["message"])]
        return self._keep(answer["messages"])

    def _keep(self, found: Sequence[Mapping[str, Any]]) -> list[Heard]:
        heard = [_heard(one) for one in found]
        self._shown += heard
        self._last_id = found[-1]["id"] if found else self._last_id
        return heard

    def _filled(self, text: str) -> str:
        if "code}" not in text:
            return text
        codes = self._mails.codes(self._last_address)
        newest = codes[-1] if codes else "000000"
        wrong = "111111" if newest != "111111" else "222222"
        old = codes[-2] if len(codes) > 1 else newest
        return text.replace("{code}", newest).replace("{wrong_code}", wrong).replace("{old_code}", old)


def _heard(message: Mapping[str, Any]) -> Heard:
    buttons = tuple((one["title"], one["payload"]) for one in [*message["buttons"], *message.get("suggestions", ())])
    return Heard(str(message.get("utterance") or ""), message["text"], buttons, message["html"])


@contextmanager
def player(archive: Path) -> Iterator[Player]:
    """A player with a trained model; loading takes some 15 seconds."""
    with private_services():
        clock, mails = ShiftedClock(), CaughtMails()
        services = bootstrap.build(Settings.load(), clock, AssistantHere(agent(archive)))  # type: ignore[arg-type]
        services.outbox.use_transport("mail", mails)
        actions = importlib.import_module("actions.services")  # by name: nothing in bot imports the actions
        actions.use(services)
        try:
            yield Player(services, clock, mails)
        finally:
            actions.use(None)
