"""What a ticket keeps of a mail: its new words with notes, and whatever else it says."""

import hashlib

from bot.mail_reading.message import IncomingMail
from bot.outbox.templates import line
from bot.tickets.ticket import LONGEST_WORDING

ROOM_FOR_CUT = 200  # characters kept free for the note that a mail is longer


def event_text(mail: IncomingMail) -> str:
    """The new words of a mail, whether there are more of them, the names of its attachments."""
    notes = [line("attachments", names=mail.attachments)] if mail.attachments else []
    return noted(mail.text, notes, mail.cut)


def noted(text: str, notes: list[str], cut: bool = False) -> str:
    """A text as long as an event may be, with notes below it."""
    room = _room(notes)
    if cut or len(text) > room:
        notes = [line("cut"), *notes]
    return "\n\n".join(part for part in (text[:room].rstrip(), *notes) if part)


def beside(mail: IncomingMail) -> str:
    """What the text of its event leaves out: new words that do not fit, and what it quotes, forwards and signs."""
    over = mail.text[_room([line("attachments", names=mail.attachments)] if mail.attachments else []) :]
    return "\n\n".join(part for part in (over, mail.rest) if part)


def key_of(mail: IncomingMail) -> str:
    """Names a mail, so that the same one is one event however often it comes."""
    return "mail " + hashlib.sha256(f"{mail.sender} {mail.message_id}".encode()).hexdigest()


def _room(notes: list[str]) -> int:
    return LONGEST_WORDING - sum(len(note) + 2 for note in notes) - ROOM_FOR_CUT
