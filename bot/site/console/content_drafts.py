"""A draft: what it changes, whether it holds, tried out, talked to, published or put away."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, flash, g, jsonify, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.content.markdown import resolve_links, to_html
from bot.conversations.message import LONGEST_TEXT, AssistantReply, UserInput
from bot.errors import AssistantUnavailable, BotError, RequestError, UnknownModel
from bot.site.console.content import may_edit, studio
from bot.site.console.content_fields import clean_line
from bot.site.console.content_titles import in_editors_words, item_sort, item_title, label_title
from bot.site.console.draft_chat import Chat
from bot.site.console.edited import Edited
from bot.site.console.editing import number_of_form, page_of
from bot.site.console.entrance import bp, note, services
from bot.site.console.shown_changes import shown_change
from bot.site.console.ticket import PageWithStatus
from bot.studio.drafts import LONGEST_DRAFT_TITLE, Draft, NoDraft, Trial, TrialState
from bot.studio.items import Change, InvalidItem, Item
from bot.studio.publications import LONGEST_PUBLICATION_MESSAGE, Publication, PublicationState

MOST_SHOWN_ENTRIES = 100  # of each list of a trial
UNDER_WAY = (TrialState.WAITING, TrialState.RUNNING)
QUESTION_LISTS = (
    ("became_right", "Newly right", "good"),
    ("became_wrong", "Newly wrong", "bad"),
    ("answer_changed", "Read differently", "info"),
)


@bp.get("/content/drafts")
def content_drafts() -> str:
    """The open drafts, newest change first."""
    found = studio().drafts()
    trials = {one.id: studio().trial(one.id) for one in found}
    return render_template("console/content_drafts.html", tab="console.content_drafts", drafts=found, trials=trials)


@bp.get("/content/drafts/<int(max=2147483647):draft_id>")
def content_draft(draft_id: int) -> str:
    """One draft."""
    return _draft_page(_found(draft_id))


@bp.get("/content/drafts/<int(max=2147483647):draft_id>/progress")
def draft_progress(draft_id: int) -> FlaskResponse:
    """How far the trial is, for the script of the page."""
    trial = studio().trial(_found(draft_id).id)
    if trial is None:
        return jsonify(state="none", share=0, words="", under_way=False)
    under_way = trial.state in UNDER_WAY
    return jsonify(
        state=trial.state.value,
        share=round(trial.share, 3),
        words=progress_words(trial),
        under_way=under_way,
        steps=len(trial.result.get("steps") or ()) if _has_questions(trial) else 0,
    )


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/rename")
def rename_draft(draft_id: int) -> PageWithStatus | Response:
    """Call it something else."""
    title = clean_line(request.form.get("title", ""))
    if not title or len(title) > LONGEST_DRAFT_TITLE:
        return _draft_page(_found(draft_id), problem=f"Give it a name of 1 to {LONGEST_DRAFT_TITLE} characters."), 400
    return _done_with(draft_id, lambda: studio().rename(draft_id, title, g.staff), "draft_renamed")


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/undo")
def undo_change(draft_id: int) -> PageWithStatus | Response:
    """Take one change back."""
    item, version = _item_of_form(), number_of_form("version")
    return _done_with(draft_id, lambda: studio().undo(draft_id, item, g.staff, version), "change_undone")


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/resolve")
def resolve_conflict(draft_id: int) -> PageWithStatus | Response:
    """Choose which version stays."""
    item, choice = _item_of_form(), request.form.get("choice", "")
    if choice not in ("ours", "theirs"):
        return _draft_page(_found(draft_id), problem="Choose one of the two versions."), 400
    version = number_of_form("version")
    return _done_with(draft_id, lambda: studio().resolve(draft_id, item, choice, g.staff, version), "conflict_resolved")


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/try")
def try_draft(draft_id: int) -> PageWithStatus | Response:
    """Train it and compare it with what is live."""
    return _done_with(draft_id, lambda: studio().try_out(draft_id, g.staff), "trial_begun", "trial")


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/discard")
def discard_draft(draft_id: int) -> PageWithStatus | Response:
    """Put it away with all its changes."""
    draft = _found(draft_id)
    if request.form.get("sure") != "yes":
        return _draft_page(draft, problem="Tick “I am sure” to put the draft away. Nothing was changed."), 400
    try:
        studio().discard(draft_id, g.staff, number_of_form("revision"))
    except RequestError as problem:
        return _draft_page(draft, problem=str(problem)), 409
    if session.get("draft") == draft_id:
        session.pop("draft")
    note("draft discarded", draft=draft_id)
    flash(draft.title, "draft_discarded")
    return redirect(url_for("console.content_drafts"), 303)


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/publish")
def publish_draft(draft_id: int) -> PageWithStatus | Response:
    """Put it live, or ask a second person."""
    draft, message = _found(draft_id), clean_line(request.form.get("message", ""))
    override = clean_line(request.form.get("override", ""))
    typed = {"message_typed": message, "override_typed": override}
    if not message or len(message) > LONGEST_PUBLICATION_MESSAGE or len(override) > LONGEST_PUBLICATION_MESSAGE:
        told = f"Say in a sentence what changes, in at most {LONGEST_PUBLICATION_MESSAGE:,} characters."
        return _draft_page(draft, publish_problem=told, **typed), 400
    try:
        publication = studio().publish(draft_id, g.staff, message, override, number_of_form("revision"))
    except RequestError as problem:
        return _draft_page(_found(draft_id), publish_problem=str(problem), **typed), 409
    session.pop("draft", None)
    note("content published", publication=publication.id, state=publication.state.value)
    waits = publication.state is PublicationState.WAITING
    flash(str(publication.id), "publication_waits" if waits else "published")
    return redirect(url_for("console.content_publication", publication_id=publication.id), 303)


@bp.post("/content/drafts/<int(max=2147483647):draft_id>/chat")
def talk_to_draft(draft_id: int) -> PageWithStatus | str | tuple[FlaskResponse, int]:
    """What the tried draft replies; as JSON where the script asks, else on the page."""
    draft = _found(draft_id)
    text, payload = request.form.get("text", "").strip(), request.form.get("payload", "")
    chat = Chat.of(request.form)
    by_script = request.headers.get("Accept", "") == "application/json"
    problem, replies, status = "", list[AssistantReply](), 200
    trial = studio().trial(draft_id)
    if trial is None or trial.state is not TrialState.DONE or not trial.model:
        problem, status = "Try the draft out first; then you can talk to it.", 409
    elif not (text or payload) or max(len(text), len(payload)) > LONGEST_TEXT:
        problem, status = f"Write a message of at most {LONGEST_TEXT:,} characters.", 400
    else:
        said = UserInput(payload=payload) if payload else UserInput(text=text)
        try:
            replies = services().assistant.preview(PurePosixPath(trial.model).name, chat.id, said, chat.context)
        except UnknownModel as unknown:
            problem, status = str(unknown), 409
        except AssistantUnavailable:
            problem, status = "The assistant does not answer just now. Try again in a moment.", 503
    shown = [_reply(one) for one in replies]
    after = chat.after(payload or text, replies, services().clock()) if replies else chat
    if by_script:
        return jsonify(replies=shown, problem=problem, conversation=after.id, history=after.kept()), status
    words = request.form.get("title", "") or text or chat.title_of(payload)
    page = {"said": words, "replies": shown, "chat_problem": problem, "conversation": after.id, "history": after.kept()}
    return _draft_page(draft, **page), status


def _has_questions(trial: Trial) -> bool:
    """Whether there is something to show: all of it, or what a trial that still runs has found out already."""
    return trial.state is TrialState.DONE or (trial.state is TrialState.RUNNING and bool(trial.result.get("questions")))


def progress_words(trial: Trial) -> str:
    """How a trial stands, for people."""
    if trial.state is TrialState.WAITING:
        return trial.words or "It waits for its turn."
    if trial.state is TrialState.RUNNING:
        return trial.words or "It has begun."
    return trial.words if trial.state is TrialState.FAILED else "It is done."


def _reply(one: AssistantReply) -> dict[str, Any]:
    links = services().settings.links
    buttons = [{"title": button["title"], "payload": button["payload"]} for button in one.buttons]
    return {"html": to_html(resolve_links(one.text, links)), "buttons": buttons}


def _found(draft_id: int) -> Draft:
    try:
        return studio().draft(draft_id)
    except NoDraft:
        abort(404)


def _item_of_form() -> Item:
    try:
        return Item.of(request.form.get("item", ""))
    except InvalidItem:
        abort(404)


def _done_with(draft_id: int, act: Any, what: str, place: str = "") -> PageWithStatus | Response:
    try:
        act()
    except RequestError as problem:
        return _draft_page(_found(draft_id), problem=str(problem)), 409
    note(what.replace("_", " "), draft=draft_id)
    flash("", what)
    return redirect(url_for("console.content_draft", draft_id=draft_id, _anchor=place or None), 303)


def _draft_page(draft: Draft, **shown: Any) -> str:
    now, trial = Edited.of(studio(), draft), studio().trial(draft.id)
    try:
        findings = in_editors_words(studio().findings(draft), now) if draft.state == "open" else []
        checked = True
    except BotError:
        findings, checked = [], False
    shown["replies"] = [{**one, "html": Markup(one["html"])} for one in shown.get("replies", [])]  # noqa: S704
    return render_template(
        "console/content_draft.html",
        tab="console.content_drafts",
        draft=draft,
        edited=now,
        changes=_changes(now, draft),
        conflicts=[_conflict_shown(one, now) for one in now.changed.conflicts] if now.changed else [],
        findings=findings,
        finding_titles={one.item.id: f"{item_title(one.item, now)}:" for one in findings},
        errors=[one for one in findings if one.level == "error"],
        checked=checked,
        trial=trial,
        holds=bool(trial and now.changed and trial.digest == now.changed.digest),
        under_way=bool(trial and trial.state in UNDER_WAY),
        result=_result_shown(trial.result, now) if trial and _has_questions(trial) else None,
        progress_words=progress_words,
        waiting=_publication_of(draft),
        page_of=page_of,
        longest_message=LONGEST_PUBLICATION_MESSAGE,
        longest_title=LONGEST_DRAFT_TITLE,
        may_edit=may_edit,
        **shown,
    )


def _publication_of(draft: Draft) -> Publication | None:
    """What of the draft waits for a second person, or has become of it."""
    return next((one for one in studio().publications() if one.draft_id == draft.id), None)


def _changes(now: Edited, draft: Draft) -> list[dict[str, Any]]:
    """The changes as they stand on what is live now, each with who made it and when."""
    on_live = {one.item: one for one in now.changed.changes} if now.changed and draft.state == "open" else {}
    return [
        {"shown": shown_change(on_live.get(one.item, one.change), now), "made": one}
        for one in sorted(draft.changes, key=lambda one: (_group(one.item), one.item.kind.value != "response"))
    ]


def _group(item: Item) -> str:
    return item.name.removeprefix("utter_")


def _conflict_shown(conflict: Any, now: Edited) -> dict[str, Any]:
    """Both versions against what they were made of."""
    item = conflict.item
    return {
        "item": item,
        "title": item_title(item, now),
        "sort": item_sort(item),
        "ours": shown_change(Change(item, conflict.before, conflict.ours), now),
        "theirs": shown_change(Change(item, conflict.before, conflict.theirs), now),
    }


def _result_shown(result: Mapping[str, Any], now: Edited) -> dict[str, Any]:
    """What a trial found, labels by their words; every list may be missing or be of any length."""

    def named(labels: Any) -> str:
        one = [labels] if isinstance(labels, str) else list(labels or [])
        return " · ".join(label_title(str(label), now, short=True) for label in one) or "nothing"

    questions, counts = result.get("questions") or {}, result.get("counts") or {}
    new_words = [one for one in result.get("new_words") or [] if one["questions"] or one["recent"]]
    lists = []
    for key, title, kind in QUESTION_LISTS:
        entries = [_question(one, named) for one in questions.get(key) or []]
        number = max(len(entries), counts.get(key, 0))
        lists.append({"title": title, "kind": kind, "entries": entries, "number": number, "most": MOST_SHOWN_ENTRIES})
    return {
        "lists": lists,
        "recent": [_question(one, named) for one in result.get("recent") or []],
        "recent_number": max(len(result.get("recent") or []), counts.get("recent_changed", 0)),
        "conversations": [one for one in result.get("conversations") or [] if not one.get("only_words")],
        "reworded": [one for one in result.get("conversations") or [] if one.get("only_words")],
        "new_words": [{**one, "title": label_title(one["response"].removeprefix("utter_"), now)} for one in new_words],
        "notes": list(result.get("notes") or []),
        "overlaps": [
            {"labels": [named(label) for label in one["labels"]], "texts": one["texts"]}
            for one in result.get("overlaps") or []
        ],
        "groups": [(name.replace("_", " "), one) for name, one in (result.get("groups") or {}).items()],
        "floors_fallen": list(result.get("floors_fallen") or []),
        "seconds": result.get("seconds"),
        "counts": counts,
    }


def _question(one: Mapping[str, Any], named: Any) -> dict[str, Any]:
    return {
        "text": one.get("text", ""),
        "after": [str(said) for said in one.get("after") or []],
        "was": named(one.get("was")),
        "now": named(one.get("now")),
        "expect": named(one.get("expect")) if one.get("expect") else "",
        "asked": one.get("asked", 0),
    }
