"""Somebody in a conversation of their own: types, presses buttons, reads replies and mail."""

import uuid

from rasa.core.channels.channel import UserMessage

import bot.clock
from bot.content.responses import responses
from bot.conversations.focus import Focus
from bot.conversations.store import Message
from bot.nlu.text import language
from bot.rasa.channel import Collector, chosen, user_message
from bot.tokens import MessageToken


class Learner:
    """A person; `talk`, `words` and `mailbox` are the fixtures.

    The conversation so far is kept here as the site keeps it, or in the site's own store, see `kept_in`: what stood
    before goes with each message.
    """

    def __init__(self, talk, words, mailbox, channel="site"):
        self.talk, self.words, self.mailbox = talk, words, mailbox
        self.token = MessageToken(str(uuid.uuid4()), channel, None)
        self.history, self.replies, self.store = [], [], None

    @property
    def conversation_id(self):
        return self.token.conversation_id

    def kept_in(self, store):
        """From now on the conversation is kept in the site's store, where the team's words come in as well."""
        store.create(self.conversation_id, self.token.channel, bot.clock.now())
        self.store = store
        return self

    def context(self):
        """What the site would say of the conversation."""
        return Focus.of(self.store.all(self.conversation_id) if self.store else self.history).as_json()

    def press(self, payload):
        message = user_message({"payload": payload, "context": self.context()}, self.token)
        titles = {one["payload"]: one["title"] for reply in self.replies for one in reply["buttons"]}
        return self.say(titles.get(payload, payload), message)

    def type(self, text, intent="inform", questions=(), also=()):
        parsed = {**chosen(f"/{intent}"), "text": text, "entities": self.entities(text), "also": list(also)}
        parsed["questions"] = [{"label": label, "confidence": 0.9} for label in questions]
        for selected in parsed["response_selector"].values():
            selected["response"]["responses"] = responses()[f"utter_{intent}"]
        return self.say(text, self.understood(text, parsed))

    def understood(self, text, parsed):
        """A typed message for Rasa, with what it was understood as."""
        channel = self.token.channel
        about = {"parse_data": parsed, "input_channel": channel, "metadata": {"context": self.context()}}
        return UserMessage(text, Collector(channel), self.conversation_id, **about)

    def entities(self, text):
        found = []
        for entity in self.words(text).ents:
            day = language.resolve_date(entity.text) if entity.label_ == "date" else None
            value = day.isoformat() if day else entity.ent_id_ or entity.text
            found.append({"entity": entity.label_, "value": value, "start": entity.start_char, "end": entity.end_char})
        return found

    def code(self, address):
        """The newest code that came to an address."""
        return self.mailbox.code(address)

    def prove(self, address):
        self.type(f"has mine been issued? {address}", "check_issuance_status")
        return self.type(self.code(address))

    def say(self, text, message):
        """Words, or the title of a button, by a message for Rasa."""
        self._keep(Message.new("user", text, now=bot.clock.now()))
        return self._read(self.talk(message))

    def _read(self, replies):
        self.replies = replies
        self.said = [reply["utterance"] for reply in replies]
        self.text = "\n".join(reply["text"] for reply in replies)
        self.buttons = [button["payload"] for reply in replies for button in reply["buttons"]]
        for reply in replies:
            self._keep(Message.new("bot", reply["text"], reply["utterance"], reply["buttons"], now=bot.clock.now()))
        return self

    def _keep(self, message):
        if self.store:
            self.store.add(self.conversation_id, message)
        else:
            self.history.append(message)
