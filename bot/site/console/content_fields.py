"""What the forms of the content pages have, and the values of items that come of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

LONGEST_CONTENT_TEXT = 10_000  # characters of a sentence
LONGEST_CONTENT_TITLE = 200  # characters of a question, a button, a credential's title
LONGEST_TITLE_OF_ITSELF = 60  # characters of a question that is its own button title
MOST_EXAMPLES = 500  # that are added at once
MOST_BUTTONS_BELOW, MOST_RELATED = 6, 4
SLACK = "slack"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_MARKED = re.compile(r"\[([^\[\]]+)\]\(([a-z_]+)\)")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+)?")
Response = list[dict[str, Any]]


@dataclass(frozen=True)
class Sentence:
    """A response as its form has it; `slack` is "" where Slack shows the same."""

    text: str = ""
    slack: str = ""
    question: str = ""
    title: str = ""
    related: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()  # title and what it sends

    @classmethod
    def of(cls, value: Response | None) -> "Sentence":
        """What a response has now."""
        if not value:
            return cls()
        first, about = plain_variant(value), about_of(value)
        own = next((one for one in value if one.get("channel") == SLACK), None)
        return cls(
            text=str(first.get("text", "")),
            slack=str(own.get("text", "")) if own else "",
            question=str(about.get("question", "")),
            title=str(about.get("title", "")),
            related=tuple(about.get("related") or ()),
            buttons=tuple((str(one["title"]), str(one["payload"])) for one in first.get("buttons") or ()),
        )

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> "Sentence":
        """What somebody typed, line ends as ours, nothing at the ends."""
        titles, payloads = form.getlist("button"), form.getlist("leads_to")
        pairs = [(clean_line(title), clean_line(payload)) for title, payload in zip(titles, payloads)]
        return cls(
            text=clean_text(form.get("text", "")),
            slack=clean_text(form.get("slack", "")),
            question=clean_line(form.get("question", "")),
            title=clean_line(form.get("title", "")),
            related=tuple(dict.fromkeys(one for one in map(clean_line, form.getlist("related")) if one)),
            buttons=tuple(pair for pair in pairs if all(pair))[:MOST_BUTTONS_BELOW],
        )

    def value(self, before: Response | None, kind: str = "") -> Response:
        """The response with these fields; whatever else it has stays.

        Args:
            before: as it is now, None for a new one.
            kind: of a new one, as in its metadata.
        """
        new: dict[str, Any] = {"text": "", "metadata": {"kind": kind}}
        first = dict(plain_variant(before)) if before else new
        first["text"] = self.text
        about = dict(first.get("metadata") or {})
        named = {"question": self.question, "title": self.title, "related": list(self.related)}
        about = _with(about, named)
        first["metadata"] = about
        first = _with(first, {"buttons": [{"title": title, "payload": sent} for title, sent in self.buttons]})
        others = [dict(one) for one in before or () if "channel" in one and one["channel"] != SLACK]
        return [first, *self._slack_variant(before), *others]

    def _slack_variant(self, before: Response | None) -> Response:
        if not self.slack:
            return []
        known = next((dict(one) for one in before or () if one.get("channel") == SLACK), None)
        own = known or {"channel": SLACK}
        own["text"] = self.slack
        about = dict(own.get("metadata") or {})
        named = {"question": self.question, "title": self.title}
        about = _with(about, {name: value for name, value in named.items() if known is None or name in about})
        return [_with(own, {"metadata": about})]

    def problems(self, *, of_faq: bool = False) -> list[str]:
        """Why this cannot be kept, in words for the editor; none where it can."""
        found = []
        if not self.text:
            found.append("Write a text first. To take the whole answer away, use “Delete it” below.")
        for name, text in (("text", self.text), ("Slack text", self.slack)):
            if len(text) > LONGEST_CONTENT_TEXT:
                found.append(f"Shorten the {name} to {LONGEST_CONTENT_TEXT:,} characters. It has {len(text):,}.")
        if of_faq and not self.question:
            found.append("Write the question as it is shown above the answer.")
        if of_faq and not self.title:
            found.append("Give the question a short title for buttons.")
        for name, text in (
            ("question", self.question),
            ("title", self.title),
            *(("button", b) for b, _ in self.buttons),
        ):
            if len(text) > LONGEST_CONTENT_TITLE:
                found.append(f"Shorten the {name} to {LONGEST_CONTENT_TITLE} characters. It has {len(text):,}.")
        return found


def about_of(value: Response | None) -> Mapping[str, Any]:
    """The metadata of a response; nothing where it has none."""
    about: Mapping[str, Any] = (plain_variant(value).get("metadata") or {}) if value else {}
    return about


def plain_variant(value: Response) -> dict[str, Any]:
    """The variant that is shown where a channel has none of its own."""
    return next((one for one in value if "channel" not in one), value[0])


def placeholders(value: Response | None) -> list[str]:
    """The names in braces that a response has, each once, in their order."""
    return list(dict.fromkeys(name for one in value or () for name in _PLACEHOLDER.findall(str(one.get("text", "")))))


def lines_of(typed: str) -> list[str]:
    """Example messages, one a line, each once; bullets in front, as pasted lists have them, are left out."""
    lines = (clean_line(_BULLET.sub("", line)) for line in typed.replace("\r", "\n").split("\n"))
    return list(dict.fromkeys(line for line in lines if line))


def marked_parts(example: str) -> list[tuple[str, str]]:
    """An example in parts: words, and what is marked in them ("credential", "date"); "" for nothing."""
    parts, end = [], 0
    for match in _MARKED.finditer(example):
        parts += [(example[end : match.start()], ""), (match.group(1), match.group(2))]
        end = match.end()
    return [part for part in [*parts, (example[end:], "")] if part[0]]


def clean_text(typed: str) -> str:
    """Several lines as they are kept."""
    return typed.replace("\r\n", "\n").replace("\0", "").strip()


def clean_line(typed: str) -> str:
    """One line as it is kept."""
    return " ".join(typed.replace("\0", "").split())


def title_of_itself(question: str) -> str:
    """The question as its own title for buttons; "" where it is too long for one."""
    return question if len(question) <= LONGEST_TITLE_OF_ITSELF else ""


def id_of_question(question: str, taken: Sequence[str]) -> str:
    """A short name for a new FAQ, of its question's telling words; a number is added where another has it.

    Args:
        question: as it is shown above the answer.
        taken: the names that there are.
    """
    words = re.findall(r"[a-z0-9]+", question.lower())
    telling = [word for word in words if word not in _SMALL_WORDS] or words or ["question"]
    name = "_".join(telling[:5])[:40].strip("_")
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _with(values: dict[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Changed where there is something, without it where there is nothing; what is new stands at the end."""
    kept = {name: value for name, value in values.items() if name not in changed or changed[name]}
    return {**kept, **{name: value for name, value in changed.items() if value}}


_SMALL = (
    "a an and are as at be by can could do does for from had has have how i if in is it me my of on or should so than "
    "that the their then there they this to was we what when where which who why will with would you your"
)
_SMALL_WORDS = frozenset(_SMALL.split())
