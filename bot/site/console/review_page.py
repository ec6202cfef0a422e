"""Review: what people asked and did not get, on its way into a draft of the content."""

import datetime
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.content.responses import responses
from bot.database import Database
from bot.errors import RequestError
from bot.insight import analytics, review
from bot.insight.daily_counts import days_of, settle_some
from bot.insight.masking import counted
from bot.live import folder_of
from bot.nlu.standalone import NoModel
from bot.site import plots
from bot.site.console import insight
from bot.site.console.content import draft_to_write
from bot.site.console.content_titles import LABEL_OF_FACT, UTTER
from bot.site.console.entrance import bp, note, services
from bot.site.console.insight import PERIODS, between, counted_figures, declines, labels, period, zone
from bot.studio.drafts import Draft
from bot.studio.files import what_helps
from bot.studio.items import Item, ItemKind

MOST_DISMISSED = 1000
MOST_REVIEWED = 2000  # conversations of a period, the newest ones
SHOWN_GROUPS = 40
GROUPED_SECONDS = 0.03  # from which groups are kept, which are the same for the same questions
SHOWN_QUESTIONS, SHOWN_CONVERSATIONS, MOST_EXAMPLES_HANDED_ON = 8, 10, 20
NOT_DISMISSED = "Nothing was dismissed, because a file could not be written ({why}). {helps}"
LONGEST_REVIEWED = 2000  # characters
GAP, NOT_MEANT = "declined", "clarified"  # as the plots colour them
PLOTTED = {GAP: "that nothing covers", NOT_MEANT: "answered otherwise than meant"}


@dataclass(frozen=True)
class _Asked:
    question: review.OpenQuestion
    conversation_id: str
    day: datetime.date


@dataclass(frozen=True)
class ReviewGroup:
    """Questions that mean nearly the same, with what became of them and where they were asked."""

    group: review.Group
    reasons: Counter[review.OpenReason]
    conversations: tuple[str, ...]
    hidden: str
    weeks: Markup

    @property
    def is_gap(self) -> bool:
        """Whether most of them were such that no label covers them."""
        return 2 * sum(self.reasons[one] for one in review.GAPS) > sum(self.reasons.values())


@bp.get("/review")
def unanswered() -> str:
    """What was not answered, in groups."""
    return _review_page()


@bp.post("/review")
def gather() -> Response | tuple[str, int]:
    """One question, written anew, becomes an example in the editor's draft."""
    text, label = request.form.get("text", "")[:LONGEST_REVIEWED], request.form.get("label", "")
    typed = {"text": text, "label": label, "asked": request.form.get("asked", "")}
    try:
        if label not in {**labels(), **facts(), **declines()}:
            raise RequestError("Choose what the question is about.")
        draft, added = _add_example(review.example_of(text), label)
    except RequestError as refused:
        return _review_page(problem=str(refused), typed=typed), 400
    with suppress(OSError):  # the example is kept, and the question comes up once more
        review.mark_seen([one for one in (review.key(text), typed["asked"]) if one], _seen_file())
    note("review", draft=draft.id)
    flash(draft.title, "example_added" if added else "example_there")
    return redirect(url_for("console.unanswered", days=period()), 303)


@bp.post("/review/dismiss")
def dismiss_questions() -> Response | tuple[str, int]:
    """Questions that need no example; they do not come back."""
    try:
        number = review.mark_seen(request.form.getlist("question")[:MOST_DISMISSED], _seen_file())
    except OSError as error:
        return _review_page(problem=NOT_DISMISSED.format(why=error.strerror, helps=what_helps(error))), 503
    note("review dismissed", questions=number)
    flash("", "dismissed")
    return redirect(url_for("console.unanswered", days=period()), 303)


def _seen_file() -> Path:
    """Where all sites keep what an editor has seen to; the folder is there for all of them, and in every backup."""
    return folder_of(services().settings) / review.SEEN_NAME


def facts() -> dict[str, str]:
    """The labels of single sentences of answers, with how they begin."""
    names = (name for name in responses() if name.startswith(f"{UTTER}{LABEL_OF_FACT}"))
    return {name.removeprefix(UTTER): str(responses()[name][0].get("text", ""))[:80] for name in sorted(names)}


def _add_example(example: str, label: str) -> tuple[Draft, bool]:
    """The draft with the example, and whether that is new; raises EditedMeanwhile, DraftBusy, NotEditor."""
    studio, item = services().studio, Item(ItemKind.EXAMPLES, label)
    draft = _draft()
    now: Any = studio.draft_content(draft).value(item) or []
    if any(review.key(one) == review.key(example) for one in now):
        return draft, False
    return studio.edit(draft.id, item, [*now, example], g.staff, draft.version(item)), True


def _draft() -> Draft:
    """The one that the editor works in, else their newest, else a new one."""
    today = services().clock().astimezone(zone()).date()
    return draft_to_write(f"From questions, {today.day} {today:%B %Y}")


def _review_page(problem: str = "", typed: dict[str, str] | None = None) -> str:
    days, only_gaps = period(), request.args.get("only") == "gaps"
    since, until = between(days)
    done, database, at = review.seen(_seen_file()), services().database, zone()
    settle_some(database, at)
    counted = counted_figures(("review", since), lambda: _asked(database, since, until, at))
    asked = [one for one in counted.what if review.key(one.question.text) not in done] if done else counted.what
    first, last = days_of(since, until, at)
    these = hash(tuple((one.question.text, one.question.reason, one.conversation_id) for one in asked))
    grouped = counted_figures(("review groups", since, these), lambda: _grouped(asked, first, last), GROUPED_SECONDS)
    groups, plot = grouped.what
    return render_template(
        "console/review.html",
        days=days,
        periods=PERIODS,
        counted_at=counted.at,
        groups=[one for one in groups if one.is_gap or not only_gaps],
        only_gaps=only_gaps,
        gaps=sum(one.is_gap for one in groups),
        key=review.key,
        labels=labels(),
        facts=facts(),
        declines=declines(),
        problem=problem,
        typed=typed or {},
        plot=plot,
        plotted=PLOTTED,
        most_questions=SHOWN_QUESTIONS,
        most_examples=MOST_EXAMPLES_HANDED_ON,
    )


def _asked(database: Database, since: datetime.datetime, until: datetime.datetime, at: datetime.tzinfo) -> list[_Asked]:
    return [
        _Asked(question, name, (question.at or until).astimezone(at).date())
        for name, said, unhelpful in analytics.conversations_to_review(database, since, until, at, MOST_REVIEWED)
        for question in review.unanswered(said, unhelpful)
    ]


def _grouped(asked: Sequence[_Asked], first: datetime.date, last: datetime.date) -> tuple[list[ReviewGroup], Markup]:
    """The largest groups, and how many questions each week had."""
    try:
        found = review.group([one.question for one in asked], insight.encode, insight.closest, SHOWN_GROUPS)
    except NoModel:
        found = []
    shown = {text for one in found for text in one.questions}
    left = [one for one in asked if not one.question.topic or one.question.text in shown]
    plot = _weeks("Questions a week that were not answered well", left, first, last)
    return [_group(one, left, first, last) for one in found], plot


def _group(group: review.Group, asked: Sequence[_Asked], first: datetime.date, last: datetime.date) -> ReviewGroup:
    texts = frozenset(group.questions)
    mine = [one for one in asked if one.question.text in texts]
    names = tuple(dict.fromkeys(one.conversation_id for one in mine))[:SHOWN_CONVERSATIONS]
    hidden = counted(one.question.hidden for one in mine).words
    weeks = _weeks(f"Asked a week: {group.questions[0]}", mine, first, last)
    return ReviewGroup(
        group=group,
        reasons=Counter(one.question.reason for one in mine),
        conversations=names,
        hidden=hidden,
        weeks=weeks,
    )


def _weeks(title: str, asked: Sequence[_Asked], first: datetime.date, last: datetime.date) -> Markup:
    gaps = review.weekly([one.day for one in asked if one.question.reason in review.GAPS], first, last)
    others = review.weekly([one.day for one in asked if one.question.reason not in review.GAPS], first, last)
    bars = [
        (f"{begins.day} {begins:%b}", {GAP: covered, NOT_MEANT: other})
        for (begins, covered), (_, other) in zip(gaps, others)
    ]
    return plots.stacked_bars(title, bars, PLOTTED)
