"""The canned answers: listed, written, changed and deleted."""

from dataclasses import replace

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk.store import LONGEST_ANSWER_TITLE, CannedAnswer
from bot.errors import AnswerChanged, RequestError
from bot.site.console.entrance import bp, note, services
from bot.site.errors import refusal
from bot.tickets.placeholders import unknown


@bp.get("/answers")
def canned_answers() -> str:
    """All of them, each in a form of its own."""
    return _list()


@bp.post("/answers/<int(max=2147483647):number>")
def keep_answer(number: int) -> tuple[str, int] | Response:
    """Keep a changed one, or (0) a new one; what was typed is never lost."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    title, seen = request.form.get("title", ""), request.form.get("seen", "")
    draft = CannedAnswer(id=number, title=title, text=text, version=seen)
    try:
        kept = services().canned_answers.keep(draft, g.staff)
    except RequestError as error:
        refused = refusal(error)
        return _list(draft, refused.code, error.message), refused.status
    except AnswerChanged:
        return _list(draft, "answer_changed"), 409
    if not kept:
        return _list(draft, "title_taken"), 409
    return _done("answer_kept", number)


@bp.post("/answers/<int(max=2147483647):number>/delete")
def delete_answer(number: int) -> Response:
    """Delete one."""
    services().canned_answers.delete(number)
    return _done("answer_deleted", number)


def _done(what: str, number: int) -> Response:
    note(what.replace("_", " "))
    flash(f"text-{number}", what)  # the field whose draft is not needed any more
    return redirect(url_for("console.canned_answers"), 303)


def _list(draft: CannedAnswer | None = None, problem: str = "", told: str = "") -> str:
    answers = services().canned_answers.all()
    if draft and draft.id not in [one.id for one in answers]:
        draft = replace(draft, id=0)  # deleted meanwhile: what was typed stands in the form of a new one
    values = {
        "draft": draft,
        "problem": problem,
        "told": told,
        "unknown": unknown,
        "longest_title": LONGEST_ANSWER_TITLE,
    }
    return render_template("console/answers.html", answers=answers, **values)
