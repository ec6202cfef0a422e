"""What was published, by whom and why; agreed to, refused, and gone back to."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bot.errors import BotError, RequestError
from bot.site.console.content import studio
from bot.site.console.content_fields import clean_line
from bot.site.console.edited import Edited
from bot.site.console.entrance import bp, note
from bot.site.console.shown_changes import ShownChange, shown_change
from bot.studio.publications import (
    LONGEST_PUBLICATION_MESSAGE,
    NoPublication,
    Publication,
    PublicationState,
    TrainsFirst,
)

HISTORY_LENGTH = 50  # publications of a page


@bp.get("/content/history")
def content_history() -> str:
    """All publications, newest first, and what developers changed meanwhile."""
    return _history_page()


@bp.get("/content/history/<int(max=2147483647):publication_id>")
def content_publication(publication_id: int) -> str:
    """One publication with its diff."""
    return _publication_page(_publication(publication_id))


@bp.get("/content/history/<int(max=2147483647):publication_id>.patch")
def publication_patch(publication_id: int) -> FlaskResponse:
    """The same as a patch, for those who use Git."""
    text = studio().patch(_publication(publication_id).id)
    headers = {"Content-Disposition": f'attachment; filename="content-{publication_id}.patch"'}
    return FlaskResponse(text, mimetype="text/x-diff", headers=headers)


@bp.post("/content/history/<int(max=2147483647):publication_id>/approve")
def approve_publication(publication_id: int) -> tuple[str, int] | Response:
    """A second person agrees."""
    return _decided(publication_id, lambda: studio().approve(publication_id, g.staff), "publication_approved")


@bp.post("/content/history/<int(max=2147483647):publication_id>/reject")
def reject_publication(publication_id: int) -> tuple[str, int] | Response:
    """A second person disagrees, or who asked takes it back."""
    found, reason = _publication(publication_id), clean_line(request.form.get("reason", ""))
    if not reason or len(reason) > LONGEST_PUBLICATION_MESSAGE:
        told = f"Say why, in at most {LONGEST_PUBLICATION_MESSAGE:,} characters, so that the draft can be mended."
        return _publication_page(found, problem=told, reason_typed=reason), 400
    return _decided(publication_id, lambda: studio().reject(publication_id, g.staff, reason), "publication_rejected")


@bp.post("/content/history/<int(max=2147483647):publication_id>/back")
def go_back_to(publication_id: int) -> tuple[str, int] | Response:
    """Put live again what was live then; 0 is what is installed."""
    if publication_id:
        _publication(publication_id)
    if request.form.get("sure") != "yes":
        return _history_page(problem="Tick “I am sure” first. Nothing was changed."), 400
    try:
        made = studio().roll_back(publication_id, g.staff)
    except TrainsFirst as first:
        flash("", "trains_first")
        return redirect(url_for("console.content_draft", draft_id=first.draft_id), 303)
    except RequestError as refused:
        return _history_page(problem=str(refused)), 409
    note("content rolled back", publication=made.id, to=publication_id)
    waits = made.state is PublicationState.WAITING
    flash(str(made.id), "publication_waits" if waits else "rolled_back")
    return redirect(url_for("console.content_publication", publication_id=made.id), 303)


@bp.post("/content/history/bring-in")
def bring_in_changes() -> tuple[str, int] | Response:
    """A draft of what developers changed in the installation."""
    try:
        draft = studio().bring_in(g.staff)
    except RequestError as refused:
        return _history_page(problem=str(refused)), 409
    session["draft"] = draft.id
    note("installed content brought in", draft=draft.id)
    flash("", "brought_in")
    return redirect(url_for("console.content_draft", draft_id=draft.id), 303)


def _publication(publication_id: int) -> Publication:
    try:
        return studio().publication(publication_id)
    except NoPublication:
        abort(404)


def _decided(publication_id: int, act: Callable[[], Any], what: str) -> tuple[str, int] | Response:
    found = _publication(publication_id)
    try:
        act()
    except RequestError as refused:
        return _publication_page(_publication(publication_id), problem=str(refused)), 409
    note(what.replace("_", " "), publication=found.id)
    flash("", what)
    return redirect(url_for("console.content_publication", publication_id=publication_id), 303)


def _history_page(**shown: Any) -> str:
    every = studio().publications()
    now = Edited.of(studio(), None)
    page = min(max(_page_number(), 1), max(1, -(-len(every) // HISTORY_LENGTH)))
    first = (page - 1) * HISTORY_LENGTH
    installed: list[ShownChange] = []
    newer_files: list[str] = []
    with suppress(BotError):
        newer_files = studio().installed_files()
        installed = [shown_change(one, now) for one in studio().installed_changes()]
    return render_template(
        "console/content_history.html",
        tab="console.content_history",
        publications=every[first : first + HISTORY_LENGTH],
        total=len(every),
        page=page,
        more=first + HISTORY_LENGTH < len(every),
        live=next((one for one in every if one.state is PublicationState.LIVE), None),
        installed=installed,
        newer_files=newer_files,
        **shown,
    )


def _publication_page(found: Publication, **shown: Any) -> str:
    now = Edited.of(studio(), None)
    changes: list[ShownChange] = []
    readable = True
    if found.state is not PublicationState.REJECTED:
        try:
            changes = [shown_change(one, now) for one in studio().changes(found.id)]
        except (BotError, OSError):
            readable = False
    return render_template(
        "console/content_publication.html",
        tab="console.content_history",
        one=found,
        changes=changes,
        readable=readable,
        longest_message=LONGEST_PUBLICATION_MESSAGE,
        **shown,
    )


def _page_number() -> int:
    given = request.args.get("page", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1
