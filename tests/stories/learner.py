"""Somebody in a conversation of their own: types, presses buttons, reads replies and mail."""

import uuid

from rasa.core.channels.channel import UserMessage

from bot.content.responses import responses
from bot.nlu.text import language
from bot.rasa.channel import Collector, chosen, user_message
from bot.tokens import MessageToken


class Learner:
    """A person; `talk`, `words` and `mailbox` are the fixtures."""

    def __init__(self, talk, words, mailbox, channel="site"):
        self.talk, self.words, self.mailbox = talk, words, mailbox
        self.token = MessageToken(str(uuid.uuid4()), channel, None)

    @property
    def conversation_id(self):
        return self.token.conversation_id

    def press(self, payload):
        return self._read(self.talk(user_message({"payload": payload}, self.token)))

    def type(self, text, intent="inform", questions=()):
        parsed = {**chosen(f"/{intent}"), "text": text, "entities": self.entities(text)}
        parsed["questions"] = [{"label": label, "confidence": 0.9} for label in questions]
        for selected in parsed["response_selector"].values():
            selected["response"]["responses"] = responses()[f"utter_{intent}"]
        channel = self.token.channel
        about = {"parse_data": parsed, "input_channel": channel}
        return self._read(self.talk(UserMessage(text, Collector(channel), self.conversation_id, **about)))

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

    def _read(self, replies):
        self.replies = replies
        self.said = [reply["utterance"] for reply in replies]
        self.text = "\n".join(reply["text"] for reply in replies)
        self.buttons = [button["payload"] for reply in replies for button in reply["buttons"]]
        return self
