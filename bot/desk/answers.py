"""Canned answers: kept in the console, filled in for a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.clock import Clock
from bot.database import Database, begin_alone
from bot.desk import store
from bot.desk.store import LONGEST_ANSWER_TITLE, CannedAnswer
from bot.errors import AnswerChanged, EmptyText, SourceUnavailable, TextTooLong, UnknownPlaceholder
from bot.issuance.store import CompletionStore
from bot.tickets.placeholders import MOST_WRONG, PLACEHOLDERS, filled, unknown
from bot.tickets.ticket import Ticket, readable, wording

CANNED_ANSWERS = Path("data/samples/canned_answers.yml")
ANSWERS_LOCK = 7_262_020  # any number, as long as every process asks for the same
SAMPLE_AUTHOR = "system"
UNNAMED = "your credential"  # where the record names none, or several


@dataclass(frozen=True)
class CannedAnswers:
    """Reads, changes and fills in the canned answers."""

    database: Database
    clock: Clock

    def all(self) -> list[CannedAnswer]:
        """By title."""
        with self.database.transaction() as connection:
            return store.all_answers(connection)

    def keep(self, answer: CannedAnswer, by: str) -> bool:
        """Keep a new one (id 0) or a changed one; False where another one has its title, or it is gone.

        Raises EmptyText, TextTooLong; UnknownPlaceholder where it has one that nothing fills in; AnswerChanged where it
        names a version, and somebody else has changed that.
        """
        title, text = " ".join(readable(answer.title).split()), wording(answer.text)
        if not title:
            raise EmptyText
        if len(title) > LONGEST_ANSWER_TITLE:
            raise TextTooLong(LONGEST_ANSWER_TITLE)
        if wrong := unknown(text):
            raise UnknownPlaceholder(wrong[:MOST_WRONG], PLACEHOLDERS)
        with self.database.transaction() as connection:
            begin_alone(connection, ANSWERS_LOCK)
            if answer.id:
                version, changed_by = store.version_of(connection, answer.id)
                if answer.version and version and answer.version != version and changed_by != by:
                    raise AnswerChanged
                return store.change_answer(
                    connection, CannedAnswer(id=answer.id, title=title, text=text), by, self.clock()
                )
            return store.add_answer(connection, title, text, by, self.clock())

    def delete(self, number: int) -> None:
        """Delete one, if it is there."""
        with self.database.transaction() as connection:
            store.delete_answer(connection, number)

    def filled(self, ticket: Ticket) -> list[CannedAnswer]:
        """All of them in the words for a ticket's learner."""
        answers = self.all()
        name = self._name(ticket) if any("name" in one.text.lower() for one in answers) else ""
        return [CannedAnswer(id=one.id, title=one.title, text=fill(one.text, ticket, name)) for one in answers]

    def never_filled(self) -> list[str]:
        """What stands in braces in any of them and nothing fills in: they may be older than that this is refused."""
        return [wrong for one in self.all() for wrong in unknown(one.text)]

    def load_samples(self, path: Path = CANNED_ANSWERS) -> int:
        """The answers of a file, where there is none yet; returns how many."""
        samples = yaml.safe_load(path.read_text(encoding="utf-8"))
        with self.database.transaction() as connection:
            begin_alone(connection, ANSWERS_LOCK)
            if store.all_answers(connection):
                return 0
            for one in samples:
                store.add_answer(connection, one["title"], one["text"].strip(), SAMPLE_AUTHOR, self.clock())
        return len(samples)

    def _name(self, ticket: Ticket) -> str:
        """As the training record of the contact has it, "" where it has none or several, or the address is unproven."""
        if not ticket.contact_proven:
            return ""
        try:
            found = {one.name for one in CompletionStore(self.database).completions([ticket.contact]) if one.name}
        except SourceUnavailable:
            return ""
        return found.pop() if len(found) == 1 else ""


def fill(text: str, ticket: Ticket, name: str = "") -> str:
    """A text with what stands for its placeholders; other braces stay as they are."""
    values = {"name": name, "reference": ticket.reference, "credential": _credential(ticket.credentials, ticket.about)}
    return filled(text, values.__getitem__)


def _credential(titles: Collection[str], about: str) -> str:
    """The one that the ticket names, or the only one there is."""
    named = [title for title in titles if title.lower() in about.lower()] or list(titles)
    return named[0] if len(named) == 1 else UNNAMED
