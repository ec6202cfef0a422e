"""A new answer of the FAQ, or a new kind of question that is not ours, with the examples of what people ask."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.content.kinds import ANSWER_PREFIX
from bot.errors import RequestError
from bot.site.console.content import edited_now, studio
from bot.site.console.content_fields import (
    LONGEST_CONTENT_TITLE,
    Sentence,
    clean_line,
    clean_text,
    id_of_question,
    lines_of,
    title_of_itself,
)
from bot.site.console.content_titles import DECLINED_LABEL, FAQ_LABEL, UTTER
from bot.site.console.edited import Edited
from bot.site.console.editing import add_with_examples, example_problem, page_of
from bot.site.console.entrance import bp, note
from bot.studio.items import Item, ItemKind

FEWEST_TO_BEGIN = 5  # fewer, and the assistant knows a few wordings instead of what is meant
DECLINED_FILE = "data/nlu/out_of_scope.yml"


@dataclass(frozen=True)
class NewAnswer:
    """What the form has."""

    question: str = ""
    title: str = ""
    topic: str = ""
    text: str = ""
    slack: str = ""
    examples: tuple[str, ...] = ()

    @classmethod
    def given(cls, values: MultiDict[str, str]) -> "NewAnswer":
        """What was typed, or what a link to the form brings along."""
        question = clean_line(values.get("question", ""))[: 5 * LONGEST_CONTENT_TITLE]
        lines = [line for text in values.getlist("examples") for line in lines_of(text)]
        return cls(
            question=question,
            title=clean_line(values.get("title", "")),
            topic=clean_line(values.get("topic", "")),
            text=clean_text(values.get("text", "")),
            slack=clean_text(values.get("slack", "")),
            examples=tuple(dict.fromkeys(lines)),
        )

    @property
    def button_title(self) -> str:
        """As it was typed, else the question where that is short."""
        return self.title or title_of_itself(self.question)

    @property
    def sentence(self) -> Sentence:
        """The answer."""
        return Sentence(text=self.text, slack=self.slack, question=self.question, title=self.button_title)

    def problems(self, topics: dict[str, str]) -> list[str]:
        """Why it cannot be kept; none where it can."""
        found = []
        if not self.text:
            found.append("Write the answer.")
        found += [one for one in self.sentence.problems(of_faq=True) if "Write a text" not in one]
        if self.topic not in topics:
            found.append("Choose a topic.")
        if len(self.examples) < FEWEST_TO_BEGIN:
            number = len(self.examples)
            found.append(f"Give at least {FEWEST_TO_BEGIN} example messages, one a line. There are {number} so far.")
        problem = example_problem(self.examples)
        return [*found, *([problem] if problem else [])]


@bp.get("/content/new")
def new_content() -> str:
    """The form; `question` and `examples` of the address stand in it already."""
    return _form(edited_now(), NewAnswer.given(request.args))


@bp.post("/content/new")
def add_content() -> tuple[str, int] | Response:
    """A new answer into the draft."""
    now, given = edited_now(), NewAnswer.given(request.form)
    problems = given.problems(now.topics())
    if problems:
        return _form(now, given, problems), 400
    name = id_of_question(given.question, [one.id for one in now.faqs()])
    answer, examples = Item(ItemKind.RESPONSE, f"{ANSWER_PREFIX}{name}"), Item(ItemKind.EXAMPLES, f"{FAQ_LABEL}{name}")
    path = f"data/nlu/faq/{given.topic}.yml"
    value = given.sentence.value(None, "answer")
    return _add(now, given, answer, value, examples, path)


@bp.get("/content/declined/new")
def new_declined() -> str:
    """The form of a kind of question that is not ours."""
    return _form(edited_now(), NewAnswer.given(request.args), declined=True)


@bp.post("/content/declined/new")
def add_declined() -> tuple[str, int] | Response:
    """A new kind of question that is not ours, into the draft."""
    now, given = edited_now(), NewAnswer.given(request.form)
    problems = [one for one in given.problems({given.topic: ""}) if "short title" not in one]
    if problems:
        return _form(now, given, problems, declined=True), 400
    prefix = f"{UTTER}{DECLINED_LABEL}"
    name = id_of_question(given.question, [one.name.removeprefix(prefix) for one in now.items()])
    answer, examples = Item(ItemKind.RESPONSE, f"{prefix}{name}"), Item(ItemKind.EXAMPLES, f"{DECLINED_LABEL}{name}")
    value = [{"text": given.text, "metadata": {"kind": "decline", "offer": "escalate"}}]
    return _add(now, given, answer, value, examples, DECLINED_FILE, declined=True)


def _add(
    now: Edited, given: NewAnswer, answer: Item, value: Any, examples: Item, path: str, *, declined: bool = False
) -> tuple[str, int] | Response:
    try:
        draft = add_with_examples(answer, value, examples, given.examples, title=given.question, path=path)
    except RequestError as problem:
        return _form(now, given, [str(problem)], declined=declined), 409
    note("content added", draft=draft.id)
    flash(draft.title, "kept_in_draft")
    return redirect(page_of(answer), 303)


def _form(now: Edited, given: NewAnswer, problems: list[str] | None = None, *, declined: bool = False) -> str:
    return render_template(
        "console/content_new.html",
        tab="console.content_declined" if declined else "console.content",
        declined=declined,
        given=given,
        problems=problems or [],
        topics=now.topics(),
        edited=now,
        drafts=studio().drafts(),
        fewest=FEWEST_TO_BEGIN,
        here=url_for("console.new_declined" if declined else "console.new_content"),
    )
