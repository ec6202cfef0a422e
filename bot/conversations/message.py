"""A message on its way in and a reply on its way out, as every face and the assistant pass them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 2000  # characters of one typed message


def clean(text: str) -> str:
    """Without control characters and broken Unicode, which no one means to send."""
    readable = text.encode("utf-8", "ignore").decode("utf-8")
    return "".join(c for c in readable if c in "\n\t" or c.isprintable() or ord(c) > 0x9F).strip()


@dataclass(frozen=True)
class UserInput:
    """What a person has typed, or the payload of the button they pressed: one of the two.

    `client_id` is the sender's own id of the message, "" if none: the same id again is the same message again.
    """

    text: str = ""
    payload: str = ""
    client_id: str = ""

    def as_json(self) -> dict[str, str]:
        """As Rasa's door takes it, see assistant.py."""
        return {"payload": self.payload} if self.payload else {"text": self.text}


@dataclass(frozen=True)
class AssistantReply:
    """One message of the assistant: Markdown, the name of the utterance, the buttons under it."""

    text: str
    utterance: str = ""
    buttons: tuple[dict[str, str], ...] = ()

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> "AssistantReply":
        """As Rasa's door answers, see assistant.py; raises KeyError or TypeError for anything else."""
        return cls(answer["text"], answer["utterance"], tuple(answer["buttons"]))
