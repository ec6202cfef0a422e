"""One answer, sentence, kind of question or credential: shown, changed in a draft, taken away."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bot.content.kinds import ANSWER_PREFIX
from bot.content.responses import button_titles
from bot.errors import RequestError
from bot.insight.masking import holds_mark
from bot.site.console.content import back_to, draft_to_write, edited_now, figures_of, studio
from bot.site.console.content_fields import (
    MOST_BUTTONS_BELOW,
    MOST_EXAMPLES,
    MOST_RELATED,
    Sentence,
    about_of,
    clean_line,
    id_of_question,
    lines_of,
    placeholders,
)
from bot.site.console.content_titles import (
    DECLINED_LABEL,
    FAQ_LABEL,
    LABEL_OF_FACT,
    UTTER,
    faq_of,
    item_sort,
    item_title,
    label_title,
    place_of,
    shortened,
)
from bot.site.console.edited import Edited
from bot.site.console.entrance import bp, note, services
from bot.site.console.insight import REQUESTS
from bot.site.console.shown_changes import ShownChange, shown_change
from bot.studio.checks import LONGEST_EXAMPLE
from bot.studio.drafts import ChangedMeanwhile, Draft, DraftBusy, EditedMeanwhile, NoDraft
from bot.studio.items import Change, InvalidItem, Item, ItemKind

MOST_MERGES = 3  # where colleagues add examples at the same moment
SHOW_ALL = "Show all of it"
CREDENTIAL_FIELDS = ("title", "names", "earned_by", "valid_months")
PageOrResponse = str | tuple[str, int] | Response


@bp.get("/content/answers/<faq_id>")
def content_answer(faq_id: str) -> str:
    """One answer with all that belongs to it."""
    try:
        item = Item(ItemKind.RESPONSE, f"{ANSWER_PREFIX}{faq_id}")
    except InvalidItem:
        abort(404)
    return item_page(edited_now(), item)


@bp.get("/content/item/<path:item_id>")
def content_item(item_id: str) -> str | Response:
    """Any other sentence, or the examples of a label."""
    try:
        item = Item.of(item_id)
    except InvalidItem:
        abort(404)
    if item.kind is ItemKind.CREDENTIAL:
        return redirect(url_for("console.content_credential", name=item.name))
    if item.name.startswith(ANSWER_PREFIX) or _shown_with(item) != item:
        return redirect(page_of(item))
    return item_page(edited_now(), item)


@bp.get("/content/credentials/<name>")
def content_credential(name: str) -> str:
    """One credential, or ("new") the form of another one."""
    return _credential_page(edited_now(), name)


@bp.post("/content/keep/sentence")
def keep_sentence() -> PageOrResponse:
    """A changed text, question, title, Slack text, buttons."""
    item, typed = _item(), Sentence.typed(request.form)
    now = edited_now()
    before = now.value(item)
    problems = typed.problems(of_faq=item.name.startswith(ANSWER_PREFIX))
    if problems:
        return item_page(now, item, typed=typed, problems=problems), 400
    try:
        draft = keep_change(item, typed.value(before), typed.title or item_title(item, now))
    except EditedMeanwhile as meanwhile:
        note("content edited meanwhile")
        return item_page(edited_now(), item, typed=typed, meanwhile=meanwhile), 409
    except RequestError as problem:
        return item_page(now, item, typed=typed, problems=[str(problem)]), 409
    return _kept(draft, back=page_of(item))


@bp.post("/content/keep/examples")
def keep_examples() -> PageOrResponse:
    """Examples added and taken away; what colleagues add at the same time stays."""
    item, added, removed = _item(), lines_of(request.form.get("add", "")), set(request.form.getlist("remove"))
    now = edited_now()
    problem = example_problem(added)
    if problem:
        return item_page(now, _shown_with(item), examples_problem=problem, examples_typed=_typed_examples()), 413
    if not added and not removed:
        flash("", "nothing_to_keep")
        return redirect(back_to(), 303)

    def change(current: Any) -> Any:
        kept = [one for one in current or [] if one not in removed]
        return [*kept, *(one for one in added if one not in kept)] or None

    try:
        draft = _keep_merged(item, change, label_title(item.name, now, short=True))
    except RequestError as refused:
        told = str(refused)
        return item_page(now, _shown_with(item), examples_problem=told, examples_typed=_typed_examples()), 409
    return _kept(draft, back=back_to())


@bp.post("/content/keep/fact")
def keep_fact() -> PageOrResponse:
    """A new fact of an answer: one sentence, and what people ask to get it."""
    now, faq_id = edited_now(), request.form.get("of", "")
    faq = now.faq(faq_id)
    if faq is None:
        abort(404)
    text, added = clean_line(request.form.get("fact", "")), lines_of(request.form.get("fact_examples", ""))
    problem = example_problem(added) or _fact_problem(text, added)
    if problem:
        typed = {"fact_typed": text, "fact_examples_typed": "\n".join(added), "fact_problem": problem}
        return item_page(now, faq.answer, **typed), 400
    taken = [
        one.name.removeprefix(f"{UTTER}{LABEL_OF_FACT}")
        for one in now.items()
        if one.name.startswith(f"{UTTER}{LABEL_OF_FACT}")
    ]
    name = id_of_question(f"{faq_id} {text}", taken)
    buttons = [{"title": SHOW_ALL, "payload": f"/{FAQ_LABEL}{faq_id}"}]
    value = [{"text": text, "buttons": buttons, "metadata": {"kind": "fact", "of": faq_id}}]
    path = f"data/nlu/faq/{faq.topic}_facts.yml"
    fact, asked = (
        Item(ItemKind.RESPONSE, f"{UTTER}{LABEL_OF_FACT}{name}"),
        Item(ItemKind.EXAMPLES, f"{LABEL_OF_FACT}{name}", faq_id),
    )
    draft = add_with_examples(fact, value, asked, added, title=faq.title or faq.question, path=path)
    return _kept(draft, back=page_of(faq.answer))


@bp.post("/content/keep/credential")
def keep_credential() -> PageOrResponse:
    """A changed credential, or a new one."""
    now, name = edited_now(), request.form.get("name", "")
    typed = _typed_credential()
    taken = [one.name for one in now.items() if one.kind is ItemKind.CREDENTIAL]
    new = name == "new"
    problem = _credential_problem(typed)
    if problem:
        return _credential_page(now, name, typed=typed, problem=problem), 400
    item = Item(ItemKind.CREDENTIAL, id_of_question(typed["title"], taken) if new else name)
    if not new and now.value(item) is None:
        abort(404)
    before = {} if new else dict(now.value(item))
    value = {"id": item.name, **{key: held for key, held in before.items() if key not in CREDENTIAL_FIELDS}, **typed}
    try:
        draft = keep_change(item, value, typed["title"])
    except EditedMeanwhile as meanwhile:
        return _credential_page(edited_now(), name, typed=typed, meanwhile=meanwhile), 409
    except RequestError as refused:
        return _credential_page(now, name, typed=typed, problem=str(refused)), 409
    return _kept(draft, back=url_for("console.content_credential", name=item.name))


@bp.post("/content/delete")
def delete_item() -> Response:
    """Take something away in the draft, with its examples and facts; undone there as any change."""
    now, item = edited_now(), _item()
    if now.value(item) is None:
        abort(404)
    if request.form.get("sure") != "yes":
        flash("", "not_sure")
        return redirect(back_to(), 303)
    if now.version(item) != number_of_form("version"):
        raise ChangedMeanwhile
    draft = draft_to_write(item_title(item, now))
    for one in _with_all_of_it(now, item):
        draft = studio().edit(draft.id, one, None, g.staff, draft.version(one))
    for one, value in _no_longer_related(now, item):
        draft = studio().edit(draft.id, one, value, g.staff, draft.version(one))
    note("content deleted")
    flash(item_title(item, now), "deleted_in_draft")
    return redirect(url_for("console.content_draft", draft_id=draft.id), 303)


def keep_change(item: Item, value: Any, title: str, path: str = "") -> Draft:
    """Put a value into the draft that the form was shown with, or into a new one where that is open no more.

    Args:
        title: of a new draft.
        path: the file of a new item.

    Raises:
        EditedMeanwhile: somebody changed it in this draft after the form was shown.
        DraftBusy: the draft waits for approval.
    """
    given, version, on = request.form.get("draft", ""), number_of_form("version"), number_of_form("on")
    draft = _open_draft(given)
    if draft is None:
        if given:
            flash("", "draft_gone")
            session.pop("draft", None)
        draft, version = draft_to_write(title), 0 if given else version
    return studio().edit(draft.id, item, value, g.staff, version, path, on)


def add_with_examples(
    answer: Item, value: Any, examples: Item, added: Sequence[str], *, title: str, path: str
) -> Draft:
    """Put something new with its examples into the draft of this browser.

    Args:
        title: of the draft, if one has to be begun.
        path: the file where both go.
    """
    draft = draft_to_write(title)
    draft = studio().edit(draft.id, answer, value, g.staff, draft.version(answer), path)
    return studio().edit(draft.id, examples, list(added), g.staff, draft.version(examples), path)


def example_problem(added: Sequence[str]) -> str:
    """Why examples cannot be taken as they are, "" where they can."""
    if len(added) > MOST_EXAMPLES:
        return f"Add at most {MOST_EXAMPLES} examples at once. These are {len(added):,}."
    long = next((one for one in added if len(one) > LONGEST_EXAMPLE), None)
    if long is not None:
        return f"Shorten each example to {LONGEST_EXAMPLE:,} characters. This one is longer: “{shortened(long, 60)}”"
    marked = next((one for one in added if holds_mark(one)), None)
    if marked is not None:
        return f"Something was blacked out in “{shortened(marked, 60)}”. Write it anew, as anybody could ask it."
    return ""


def item_page(now: Edited, item: Item, **shown: Any) -> str:
    """The page of an answer, a sentence or the examples of a label; raises 404 where it is not there.

    Args:
        shown: what was typed so far, and why it was not kept.
    """
    value = now.value(item)
    if value is None:
        abort(404)
    is_faq, label = item.name.startswith(ANSWER_PREFIX), item.name.removeprefix(UTTER)
    examples = _examples_items(now, item)
    faq = now.faq(label.removeprefix(FAQ_LABEL)) if is_faq else None
    has = Sentence.of(value) if item.kind is ItemKind.RESPONSE else Sentence()
    meanwhile = shown.get("meanwhile")
    theirs = _theirs(now, item, meanwhile, shown.get("typed")) if meanwhile else None
    return render_template(
        "console/content_item.html",
        tab=_tab_of(item),
        item=item,
        title=item_title(item, now),
        sort=item_sort(item),
        has=has,
        about=about_of(value) if item.kind is ItemKind.RESPONSE else {},
        typed=shown.pop("typed", None) or has,
        placeholders=placeholders(cast(Any, now.live.value(item))) if item.kind is ItemKind.RESPONSE else [],
        examples=[(one, place_of(one, now), now.value(one) or []) for one in examples],
        faq=faq,
        facts=[_fact(now, one) for one in faq.facts] if faq else [],
        of=now.faq(faq_of(item, now)) if not is_faq else None,
        faqs=now.faqs(),
        targets=_targets(now, has),
        most_related=MOST_RELATED,
        most_buttons=MOST_BUTTONS_BELOW,
        path=now.path(item),
        figures=figures_of(faq.id) if faq else {},
        edited=now,
        version=meanwhile.version if meanwhile else now.version(item),
        theirs=theirs,
        live_change=_live_change(now, item, examples),
        drafts=studio().drafts(),
        here=page_of(item),
        conflict=_conflict(now, item),
        **shown,
    )


def page_of(item: Item) -> str:
    """Where an item is shown and changed."""
    if item.kind is ItemKind.CREDENTIAL:
        return url_for("console.content_credential", name=item.name)
    shown = _shown_with(item)
    if shown.name.startswith(ANSWER_PREFIX):
        return url_for("console.content_answer", faq_id=shown.name.removeprefix(ANSWER_PREFIX))
    return url_for("console.content_item", item_id=shown.id)


def _item() -> Item:
    """The item that the form is about."""
    try:
        return Item.of(request.form.get("item", ""))
    except InvalidItem:
        abort(404)


def number_of_form(name: str) -> int:
    """A number that a form hands in; 0 where there is none."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _open_draft(given: str) -> Draft | None:
    """The open draft that a form names; None for none, or where it is not open any more."""
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        return None
    try:
        draft = studio().draft(int(given))
    except NoDraft:
        return None
    if draft.waiting:
        raise DraftBusy
    return draft if draft.state == "open" else None


def _kept(draft: Draft, *, back: str) -> Response:
    session["draft"] = draft.id
    note("content kept", draft=draft.id)
    flash(draft.title, "kept_in_draft")
    return redirect(back, 303)


def _keep_merged(item: Item, change: Callable[[Any], Any], title: str) -> Draft:
    draft = draft_to_write(title)
    for number in range(MOST_MERGES):
        draft = studio().draft(draft.id)
        current = studio().draft_content(draft).value(item)
        try:
            return studio().edit(draft.id, item, change(current), g.staff, draft.version(item))
        except EditedMeanwhile:
            if number + 1 == MOST_MERGES:
                raise
    raise AssertionError("unreachable")


def _examples_items(now: Edited, item: Item) -> list[Item]:
    """Where the examples of an item's label stand: one for each place where they count."""
    if item.kind is ItemKind.EXAMPLES:
        return [item]
    label = item.name.removeprefix(UTTER)
    found = [one for one in now.items() if one.kind is ItemKind.EXAMPLES and one.name == label]
    if label.startswith(LABEL_OF_FACT):
        return found
    found.sort(key=lambda one: bool(one.after))
    return found or ([Item(ItemKind.EXAMPLES, label)] if label.startswith((FAQ_LABEL, DECLINED_LABEL)) else [])


def _shown_with(item: Item) -> Item:
    """Whose page shows an item: that of the sentence, for the examples that ask for it anywhere, or for a fact."""
    asks_for_it = item.name.startswith(LABEL_OF_FACT) or (
        item.name.startswith((FAQ_LABEL, DECLINED_LABEL)) and not item.after
    )
    if item.kind is ItemKind.EXAMPLES and asks_for_it:
        return Item(ItemKind.RESPONSE, f"{UTTER}{item.name}")
    return item


def _fact(now: Edited, item: Item) -> dict[str, Any]:
    examples = sum(len(now.value(one) or []) for one in _examples_items(now, item))
    changed = now.version(item) or any(now.version(one) for one in _examples_items(now, item))
    return {"item": item, "text": Sentence.of(now.value(item)).text, "examples": examples, "changed": changed}


def _with_all_of_it(now: Edited, item: Item) -> list[Item]:
    faq = now.faq(item.name.removeprefix(ANSWER_PREFIX)) if item.name.startswith(ANSWER_PREFIX) else None
    facts = list(faq.facts) if faq else []
    found = [*facts, item]
    examples = [one for whole in found for one in _examples_items(now, whole) if now.value(one) is not None]
    return list(dict.fromkeys([*examples, *found]))


def _no_longer_related(now: Edited, item: Item) -> list[tuple[Item, Any]]:
    """The answers that name another one as related, without it."""
    gone, found = item.name.removeprefix(ANSWER_PREFIX), []
    for faq in now.faqs():
        has = Sentence.of(now.value(faq.answer))
        if gone in has.related and faq.answer != item:
            left = replace(has, related=tuple(one for one in has.related if one != gone))
            found.append((faq.answer, left.value(now.value(faq.answer))))
    return found


def _targets(now: Edited, has: Sentence) -> list[tuple[str, str]]:
    """What a button can send, with its words."""
    titles = button_titles()
    found = {f"/{FAQ_LABEL}{one.id}": one.question for one in now.faqs()}
    found |= {f"/{label}": titles.get(label, label) for label in REQUESTS}
    found |= {sent: "as it is now" for _, sent in has.buttons if sent not in found}
    return list(found.items())


def _theirs(now: Edited, item: Item, meanwhile: EditedMeanwhile, typed: Any) -> dict[str, Any]:
    """What a colleague's version has that differs from what was typed."""
    mine = typed.value(cast(Any, meanwhile.value)) if isinstance(typed, Sentence) else typed
    change = shown_change(Change(item, mine, meanwhile.value), now)
    return {"by": meanwhile.by, "at": meanwhile.at, "change": change}


def _live_change(now: Edited, item: Item, examples: Sequence[Item]) -> list[ShownChange]:
    """What the draft changes of this page."""
    changes = now.changed.changes if now.changed else ()
    return [shown_change(one, now) for one in changes if one.item == item or one.item in examples]


def _conflict(now: Edited, item: Item) -> bool:
    return any(one.item == item for one in now.changed.conflicts) if now.changed else False


def _tab_of(item: Item) -> str:
    label = item.name.removeprefix(UTTER)
    if label.startswith((FAQ_LABEL, LABEL_OF_FACT)):
        return "console.content"
    if label.startswith(DECLINED_LABEL):
        return "console.content_declined"
    return "console.content_messages" if item.kind is ItemKind.EXAMPLES else "console.content_sentences"


def _typed_examples() -> str:
    return request.form.get("add", "")


def _fact_problem(text: str, added: Sequence[str]) -> str:
    if not text:
        return "Write the sentence first."
    return "" if len(added) >= 3 else "Give at least three examples of what people ask to get this sentence."


def _typed_credential() -> dict[str, Any]:
    form = request.form
    typed: dict[str, Any] = {"title": clean_line(form.get("title", ""))}
    typed["names"] = [one.lower() for one in lines_of(form.get("names", ""))]
    if form.get("earned_by", "").strip():
        typed["earned_by"] = clean_line(form["earned_by"])
    months = form.get("valid_months", "").strip()
    if months:
        typed["valid_months"] = (
            int(months) if months.isascii() and months.isdigit() and len(months) < 4 else months[:20]
        )
    return typed


def _credential_problem(typed: dict[str, Any]) -> str:
    if not typed["title"] or not typed["names"]:
        return "A credential needs a title, and at least one name that people use for it."
    texts = [typed["title"], typed.get("earned_by", ""), *typed["names"]]
    if any(len(one) > 200 for one in texts) or len(typed["names"]) > 50:
        return "Shorten it: at most 50 names, and 200 characters each."
    if isinstance(typed.get("valid_months"), str):
        return "Give the months as a whole number up to 999, or leave them out."
    return ""


def _credential_page(now: Edited, name: str, **shown: Any) -> str:
    new = name == "new"
    try:
        item = Item(ItemKind.CREDENTIAL, "new_one" if new else name)
    except InvalidItem:
        abort(404)
    value = {} if new else now.value(item)
    if value is None:
        abort(404)
    meanwhile, typed = shown.pop("meanwhile", None), shown.pop("typed", None)
    return render_template(
        "console/content_credential.html",
        tab="console.content_credentials",
        item=item,
        name=name,
        new=new,
        value=typed or value,
        title=value.get("title", "A new credential"),
        edited=now,
        version=meanwhile.version if meanwhile else now.version(item),
        theirs=_theirs(now, item, meanwhile, {**value, **(typed or {})}) if meanwhile else None,
        drafts=studio().drafts(),
        here=url_for("console.content_credential", name=name),
        **shown,
    )


def faq_address(faq_id: str) -> str:
    """Where people read an answer on the support page."""
    return f"{services().settings.site_url.rstrip('/')}{url_for('pages.faq', slug=faq_id.replace('_', '-'))}"
