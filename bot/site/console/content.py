"""What the assistant says and knows, for its editors: answers, sentences, what is not ours, credentials."""

import datetime
import logging
from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bot.content.kinds import ANSWER_PREFIX
from bot.errors import BotError, RequestError
from bot.insight.numbers import FaqNumbers, answers_given, faq_numbers
from bot.site.console.content_fields import Sentence, about_of
from bot.site.console.content_titles import (
    DECLINED_LABEL,
    LABEL_OF_FACT,
    UTTER,
    item_title,
    kind_title,
    place_of,
    shortened,
)
from bot.site.console.edited import Edited
from bot.site.console.entrance import bp, note, services
from bot.site.console.insight import between, period, zone
from bot.studio.drafts import ChangedMeanwhile, Draft, DraftBusy, NoDraft
from bot.studio.editing import NotEditor
from bot.studio.items import InvalidContent, Item, ItemKind
from bot.studio.publications import Publication, PublicationState
from bot.studio.service import Studio

LONGEST_CONTENT_SEARCH = 200
LONGEST_OWN_TITLE = 80  # characters of a draft that nobody has named yet
MOST_IN_LIST = 400  # rows of a page
CONTENT_PATH_PREFIX = "/console/content"
log = logging.getLogger(__name__)


class NotAnEditor(BotError):
    """Somebody of the team who may not change what the assistant says."""


def studio() -> Studio:
    """What keeps drafts and publications."""
    return services().studio


def may_edit(address: str) -> bool:
    """Whether somebody of the team may change what the assistant says: all where no editors are named."""
    return bool(address) and services().settings.may_edit_content(address)


@bp.before_request
def editors_only() -> None:
    """The pages below /console/content are for editors."""
    within = request.path == CONTENT_PATH_PREFIX or request.path.startswith(f"{CONTENT_PATH_PREFIX}/")
    if within and g.staff and not may_edit(g.staff):
        raise NotAnEditor


@bp.errorhandler(NotAnEditor)
def not_an_editor(problem: NotAnEditor) -> tuple[str, int]:
    """Says who may."""
    return render_template("console/error.html", kind="not_an_editor", request_id=""), 403


@bp.errorhandler(InvalidContent)
def content_unreadable(problem: InvalidContent) -> tuple[str, int]:
    """Says that what is live cannot be read, and what to do about it."""
    log.error("content cannot be read: %s", problem)
    return render_template(
        "console/error.html", kind="unreadable_content", told=str(problem), request_id=g.request_id
    ), 503


@bp.errorhandler(NoDraft)
@bp.errorhandler(DraftBusy)
@bp.errorhandler(ChangedMeanwhile)
@bp.errorhandler(NotEditor)
def draft_refused(problem: RequestError) -> tuple[str, int]:
    """Says what became of a draft while somebody looked at it; pages with text in them say so themselves."""
    return render_template("console/error.html", kind="draft_refused", told=str(problem), request_id=""), 409


def my_draft() -> Draft | None:
    """The draft that this browser's changes go into: the one chosen, else one's own newest; None for a new one.

    One that waits for a second person's yes cannot be changed, so it is none of them.
    """
    chosen = session.get("draft")
    if chosen == "new":
        return None
    found = [one for one in studio().drafts() if not one.waiting]
    known = next((one for one in found if one.id == chosen), None)
    return known or next((one for one in found if one.author == g.staff), None)


def edited_now() -> Edited:
    """What this browser's editor looks at; `?draft=` chooses another draft."""
    given = request.args.get("draft", "")
    if given.isascii() and given.isdigit() and len(given) < 10:
        session["draft"] = int(given)
    draft = my_draft()
    return Edited.of(studio(), draft)


def draft_to_write(title: str) -> Draft:
    """The draft for a change, begun if there is none.

    Args:
        title: of a new one.
    """
    draft = my_draft()
    if draft is None:
        draft = studio().open_draft(shortened(title, LONGEST_OWN_TITLE) or "A draft", g.staff)
        note("draft begun", draft=draft.id)
    session["draft"] = draft.id
    return draft


def content_tabs() -> list[tuple[str, str, int]]:
    """The pages of the content: endpoint, title, and how many wait there (0 says nothing)."""
    drafts = studio().drafts()
    return [
        ("console.content", "Answers", 0),
        ("console.content_sentences", "Sentences", 0),
        ("console.content_messages", "What people say", 0),
        ("console.content_declined", "Not ours", 0),
        ("console.content_credentials", "Credentials", 0),
        ("console.content_drafts", "Drafts", len(drafts)),
        ("console.content_history", "History", len(waiting_publications())),
    ]


def waiting_publications() -> list[Publication]:
    """What waits for a second person's yes."""
    return [one for one in studio().publications() if one.state is PublicationState.WAITING]


@bp.get("/content")
def content() -> str:
    """The answers by topic, or those that a search finds."""
    now, words = edited_now(), _words()
    rows = _rows(now, words) or _rows(now, words, scattered=True)
    topics = list(dict.fromkeys(row["faq"].topic_title for row in rows))
    return render_template(
        "console/content.html",
        tab="console.content",
        rows=[(topic, [row for row in rows if row["faq"].topic_title == topic]) for topic in topics],
        words_typed=words,
        found=len(rows),
        days=period(),
        waiting=waiting_publications(),
        drafts=studio().drafts(),
        edited=now,
        latest=_latest(),
    )


@bp.get("/content/sentences")
def content_sentences() -> str:
    """The sentences of the dialogue by kind."""
    now, words = edited_now(), _words()
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in now.items():
        if item.kind is not ItemKind.RESPONSE or item.name.startswith((ANSWER_PREFIX, f"{UTTER}{LABEL_OF_FACT}")):
            continue
        value, title = now.value(item), item_title(item, now)
        if item.name.startswith(f"{UTTER}{DECLINED_LABEL}") or not _has(words, title, Sentence.of(value).text):
            continue
        kind = str(about_of(value).get("kind", "")) or "other"
        row = {"item": item, "title": title, "has": Sentence.of(value), "changed": now.version(item)}
        groups.setdefault(kind, []).append(row)
    named = sorted(((kind_title(kind), rows) for kind, rows in groups.items()), key=lambda one: one[0])
    return _list("content_sentences.html", "console.content_sentences", named, words, now)


@bp.get("/content/declined")
def content_declined() -> str:
    """The kinds of questions that are not ours, with what is said to them."""
    now, words = edited_now(), _words()
    rows = []
    for item in now.items():
        if item.kind is not ItemKind.RESPONSE or not item.name.startswith(f"{UTTER}{DECLINED_LABEL}"):
            continue
        has, label = Sentence.of(now.value(item)), item.name.removeprefix(UTTER)
        examples = now.value(Item(ItemKind.EXAMPLES, label)) or []
        title = item_title(item, now)
        if _has(words, title, has.text, *map(str, examples)):
            rows.append({"item": item, "title": title, "has": has, "examples": len(examples)})
            rows[-1]["changed"] = now.version(item) or now.version(Item(ItemKind.EXAMPLES, label))
    return _list("content_sentences.html", "console.content_declined", [("", rows)] if rows else [], words, now)


@bp.get("/content/messages")
def content_messages() -> str:
    """What people say that is no question of the FAQ: the examples by label and place."""
    now, words = edited_now(), _words()
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in now.items():
        if item.kind is not ItemKind.EXAMPLES or item.name.startswith(("faq/", LABEL_OF_FACT, DECLINED_LABEL)):
            continue
        examples, title = [str(one) for one in now.value(item) or ()], item_title(item, now)
        if _has(words, title, *examples):
            row = {"item": item, "place": place_of(item, now), "examples": examples}
            groups.setdefault(title, []).append({**row, "changed": now.version(item)})
    named = sorted(groups.items(), key=lambda one: one[0].lower())
    return _list("content_messages.html", "console.content_messages", named, words, now)


@bp.get("/content/credentials")
def content_credentials() -> str:
    """The credentials that the assistant knows."""
    now, words = edited_now(), _words()
    items = [one for one in now.items() if one.kind is ItemKind.CREDENTIAL]
    rows = [{"item": one, "value": now.value(one), "changed": now.version(one)} for one in items]
    rows = [row for row in rows if _has(words, row["value"].get("title", ""), *row["value"].get("names", ()))]
    return _list("content_credentials.html", "console.content_credentials", [("", rows)] if rows else [], words, now)


@bp.post("/content/draft")
def choose_draft() -> Response:
    """From now on this browser's changes go into another draft, or into a new one."""
    given = request.form.get("draft", "")
    if given == "new":
        session["draft"] = "new"
    elif given.isascii() and given.isdigit() and any(one.id == int(given) for one in studio().drafts()):
        session["draft"] = int(given)
    flash("", "draft_chosen")
    return redirect(back_to(), 303)


def back_to() -> str:
    """Where the form says that it was shown, if that is a page of the content."""
    given = request.form.get("back", "")
    within = given == CONTENT_PATH_PREFIX or given.startswith((f"{CONTENT_PATH_PREFIX}/", f"{CONTENT_PATH_PREFIX}?"))
    return given if within and "\\" not in given and "\n" not in given else url_for("console.content")


def figures_by_faq() -> Mapping[str, Mapping[str, Any]]:
    """By FAQ, figures of the period with their names; those that nobody asked for are left out."""
    since, until = between(period())
    return {
        faq: {"answered": given, **({"helpful": f"{yes} of {yes + no}"} if yes + no else {})}
        for faq, (given, yes, no) in answers_given(services().database, since, until, zone()).items()
    }


def numbers_of(faq_id: str) -> FaqNumbers:
    """What became of one answer in the period."""
    since, until = between(period())
    return faq_numbers(services().database, faq_id, since, until, zone())


def figures_of(faq_id: str) -> Mapping[str, Any]:
    """What became of one answer in the period: figures with their names; nothing where nobody asked."""
    found = numbers_of(faq_id)
    if not found.asked:
        return {}
    rated = found.helpful + found.not_helpful
    return {
        "asked": found.asked,
        "answered": found.answered,
        "helpful": f"{found.helpful} of {rated}" if rated else "nobody said",
        "“not what I asked”": found.corrected,
        "then to the team": found.escalated,
        "first asked": found.first_asked and _day(found.first_asked),
        "last asked": found.last_asked and _day(found.last_asked),
    }


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def needs_second() -> bool:
    """Whether a second person has to agree before anything goes live."""
    return bool(services().settings.content_approval == "second")


def _latest() -> Any:
    return next((one for one in studio().publications() if one.state is PublicationState.LIVE), None)


def _list(template: str, tab: str, groups: list[Any], words: str, now: Edited) -> str:
    number = sum(len(rows) for _, rows in groups)
    shown, left = [], MOST_IN_LIST
    for title, rows in groups:
        shown.append((title, rows[:left]))
        left = max(0, left - len(rows))
    values = {"groups": [one for one in shown if one[1]], "words_typed": words, "found": number, "edited": now}
    return render_template(f"console/{template}", tab=tab, most=MOST_IN_LIST, drafts=studio().drafts(), **values)


def _words() -> str:
    return " ".join(request.args.get("q", "").replace("\0", "").split())[:LONGEST_CONTENT_SEARCH]


def _has(words: str, *texts: str) -> bool:
    everything = "\n".join(texts).casefold()
    return all(word in everything for word in words.casefold().split())


def _rows(now: Edited, words: str, *, scattered: bool = False) -> list[dict[str, Any]]:
    """The FAQs that have the words in one of their texts or examples; `scattered`: here one word, there another."""
    figures = figures_by_faq()
    rows: list[dict[str, Any]] = []
    for faq in now.faqs():
        answer = Sentence.of(now.value(faq.answer))
        examples = [str(one) for one in now.value(faq.examples) or ()]
        facts = [Sentence.of(now.value(one)).text for one in faq.facts]
        own = [answer.question, answer.title, answer.text, answer.slack]
        where = _where(words, own, [*facts, *examples])
        if scattered and _has(words, *own, *facts, *examples):
            where = ""
        if where is not None:
            changed = now.version(faq.answer) or now.version(faq.examples)
            row = {"faq": faq, "answer": answer, "examples": len(examples), "facts": len(facts), "where": where}
            rows.append({**row, "figures": figures.get(faq.id), "changed": bool(changed)})
    return rows


def _where(words: str, own: list[str], others: list[str]) -> str | None:
    """What of an FAQ has the words, to be shown beside it; "" where its own words have them, None where nothing has."""
    return "" if _has(words, *own) else next((text for text in others if _has(words, text)), None)
