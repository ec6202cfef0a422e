"""Questions in direct messages and mentions: from a Slack event to the assistant and back."""

import datetime
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content.kinds import is_public
from bot.content.markdown import from_mrkdwn, resolve_links, to_mrkdwn
from bot.conversations.message import LONGEST_TEXT, UserInput, clean
from bot.conversations.service import Conversations
from bot.conversations.store import Message
from bot.errors import AssistantUnavailable, InvalidAddress, RequestError
from bot.identity.service import Identity
from bot.slack import sentences
from bot.slack.blocks import Block, actions, button, context, sections
from bot.slack.directory import Directory, Standing
from bot.slack.posting import Place, Poster, Saying, name_of
from bot.slack.team_answers import TeamAnswers

ACCEPTED = (None, "file_share", "thread_broadcast")  # subtypes of messages in which a person has just written something
CHOICE = "choice"
HandInFiles = Callable[[Sequence[Mapping[str, Any]], str, str], str]
NetworkOf = Callable[[Place], str]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What somebody wrote or pressed, and where."""

    place: Place
    conversation_id: str
    said: UserInput
    files: tuple[Mapping[str, Any], ...] = ()  # came with it, as Slack describes them

    @property
    def id(self) -> str:
        """The same whenever Slack sends the question again."""
        return self.said.client_id


def is_question(event: Mapping[str, Any]) -> bool:
    """Whether an event is a person's new message to the assistant: no bot's, no edited one, not somebody's arrival."""
    if event.get("bot_id") or event.get("bot_profile") or event.get("subtype") not in ACCEPTED:
        return False
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    return bool((direct or event.get("type") == "app_mention") and event.get("user") and event.get("channel"))


class Questions:
    """Asks the assistant in the name of a person in Slack; nobody speaks for another."""

    def __init__(
        self,
        conversations: Conversations,
        identity: Identity,
        directory: Directory,
        poster: Poster,
        links: Mapping[str, str],
        team_answers: TeamAnswers,
        hand_in_files: HandInFiles,
        network_of: NetworkOf,
    ) -> None:
        """Put the parts together.

        Args:
            links: the addresses that answers mention by name.
            team_answers: takes what is no question, but an answer to the team.
            hand_in_files: keeps files for the team in a conversation, from somebody; returns what to say of it, in
                mrkdwn.
            network_of: what stands for the person of a place where the limits ask for a network.
        """
        self._conversations, self._identity, self._directory = conversations, identity, directory
        self._poster, self._links, self._team_answers = poster, links, team_answers
        self._hand_in_files, self._network_of = hand_in_files, network_of

    def answer(self, body: dict[str, Any]) -> None:
        """One event, a direct message or a mention.

        It is known by its message: who edits a mention mentions us anew, and is not answered twice.
        """
        event = body["event"]
        thread = str(event.get("thread_ts") or "")
        in_channel = event.get("channel_type") != "im" and not str(event["channel"]).startswith("D")
        thread = thread or (str(event["ts"]) if in_channel else "")
        place = Place(str(body.get("team_id") or ""), str(event["channel"]), str(event["user"]), thread)
        text = clean(from_mrkdwn(without_mention(str(event.get("text") or ""))))
        said = UserInput(text=text, client_id=name_of(place.team, place.channel, str(event["ts"])))
        files = tuple(event.get("files") or ())
        if reference := self._team_answers.ticket_of(place):
            return self._team_answers.take(place, reference, text, f"slack:{said.client_id}", files)
        self._answer(Question(place, conversation_of(place, str(event["ts"])), said, files))

    def press(self, body: dict[str, Any]) -> None:
        """A button under an answer."""
        pressed, channel = body["actions"][0], str(body["channel"]["id"])
        value = json.loads(pressed["value"])
        place = Place(str(body["team"]["id"]), channel, str(body["user"]["id"]), str(value["thread"]))
        own = place.alone or conversation_of(place, "") == value["conversation"]
        question_id = name_of(str(value["conversation"]), place.user, str(pressed["action_ts"]))
        if not own:
            return self._tell(place, question_id, sentences.say("not_your_button"))
        said = UserInput(payload=str(value["payload"]), client_id=question_id)
        self._answer(Question(place, str(value["conversation"]), said))

    def _answer(self, question: Question) -> None:
        if not question.said.text and not question.said.payload and not question.files:
            return self._tell(question.place, question.id, sentences.say("empty_question"))
        if len(question.said.text) > LONGEST_TEXT:
            return self._tell(question.place, question.id, sentences.say("question_too_long", most=f"{LONGEST_TEXT:,}"))
        network = self._network_of(question.place)
        if not self._conversations.exists(question.conversation_id):
            self._poster.remember(question.place, question.conversation_id)
            self._conversations.ensure(question.conversation_id, "slack", network)
        self.prove(question.place, question.conversation_id)
        told = self._hand_in_files(question.files, question.conversation_id, network) if question.files else ""
        if told and not question.said.text:
            return self._tell(question.place, question.id, told)
        try:
            replies = self._conversations.say(question.conversation_id, question.said)
        except AssistantUnavailable as error:
            log.warning("the assistant did not answer: %s", error)
            return self._tell(question.place, question.id, sentences.say("assistant_unavailable"))
        except RequestError as refusal:
            return self._tell(question.place, question.id, to_mrkdwn(refusal.message))
        self._show(question, replies, told)

    def prove(self, place: Place, conversation_id: str) -> None:
        """The workspace vouches for its members: their own records open without a code, others' for staff."""
        person = self._directory.person(place.user)
        if person.standing is Standing.UNKNOWN:
            return  # what was proven before holds until it lapses
        if person.standing is not Standing.MEMBER:
            return self._identity.withdraw_profile(conversation_id)
        try:
            method = "slack_staff" if self._directory.in_usergroup(person) else "slack"
            self._identity.prove_by_profile(conversation_id, person.address, method)
        except InvalidAddress:
            log.warning("the profile of a member has an address that cannot be used")

    def _show(self, question: Question, replies: Sequence[Message], told: str) -> None:
        place, hidden = question.place, not all(is_public(reply.utterance) for reply in replies)
        sayings = [Saying(reply.id, tuple(self._blocks(question, reply))) for reply in replies]
        if told and sayings:
            sayings.append(Saying(name_of(question.id, "file"), (context(told),)))
        if hidden and not place.alone and sayings:
            sayings.append(Saying(name_of(question.id, "only you"), (context(sentences.say("only_you")),)))
        self._poster.say(place, sayings, alone=hidden)

    def _blocks(self, question: Question, reply: Message) -> list[Block]:
        about = {"conversation": question.conversation_id, "thread": question.place.thread}
        buttons = [
            button(one["title"], f"{CHOICE}:{reply.id}:{number}", json.dumps({**about, "payload": one["payload"]}))
            for number, one in enumerate([*reply.buttons, *reply.suggestions])
        ]
        return [*sections(to_mrkdwn(resolve_links(reply.text, self._links))), *actions(buttons)]

    def _tell(self, place: Place, question_id: str, mrkdwn: str) -> None:
        self._poster.say(place, [Saying(name_of(question_id, "told"), tuple(sections(mrkdwn)))], alone=True)


def without_mention(text: str) -> str:
    """Without the mention that a message to the assistant begins with."""
    return re.sub(r"^\s*<@[A-Z0-9]+(\|[^>]*)?>[\s,:]*", "", text)


def conversation_of(place: Place, ts: str) -> str:
    """The id of a person's conversation: one for each week of direct messages, and for each thread of a channel.

    Args:
        ts: of the message; it is not looked at in a thread.
    """
    if not place.alone:
        return name_of(place.team, place.channel, place.thread, place.user)
    year, week, _ = datetime.datetime.fromtimestamp(float(ts), datetime.timezone.utc).isocalendar()
    return name_of(place.team, place.channel, place.user, f"{year}-{week}")
