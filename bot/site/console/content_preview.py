"""What an edit will look like and what is wrong with it, while somebody types."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import nh3
from flask import abort, g, render_template, request
from markupsafe import Markup

from bot.content.kinds import ANSWER_PREFIX
from bot.content.markdown import resolve_links, to_html, to_mrkdwn, to_plain_text
from bot.errors import BotError
from bot.site.console.content import edited_now, studio
from bot.site.console.content_fields import LONGEST_CONTENT_TEXT, Sentence, lines_of, title_of_itself
from bot.site.console.content_titles import UTTER, in_editors_words
from bot.site.console.edited import Edited
from bot.site.console.entrance import bp, services
from bot.studio.checks import ContentFinding
from bot.studio.drafts import Draft, DraftChange
from bot.studio.items import Change, InvalidItem, Item, ItemKind

MOST_CHECKED = 50  # examples that are looked at while somebody types; all are before publishing
SLACK_TAGS = {"a", "strong", "em", "code", "br"}
_SLACK_LINK = re.compile(r"<([^<>|]+)\|([^<>]*)>")
_SLACK_MARKS = (
    (re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)"), r"<em>\1</em>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
)


@bp.post("/content/preview")
def content_preview() -> str:
    """The edited text as the web, Slack and a mail show it, and the findings of what was typed."""
    try:
        item = Item.of(request.form.get("item", ""))
    except InvalidItem:
        abort(404)
    now = edited_now()
    known = list(now.value(item) or [])
    twice: list[str] = []
    shown: dict[str, Any] = {}
    buttons: list[str] = []
    if item.kind is ItemKind.RESPONSE:
        typed = Sentence.typed(request.form)
        if item.name.startswith(ANSWER_PREFIX) and now.value(item) is None:
            typed = replace(typed, title=typed.title or title_of_itself(typed.question))
        text, slack = typed.text[:LONGEST_CONTENT_TEXT], (typed.slack or typed.text)[:LONGEST_CONTENT_TEXT]
        shown = {"text": shown_on_web(text), "slack": shown_in_slack(slack), "mail": shown_in_mail(text)}
        buttons = [title for title, _ in typed.buttons]
        made = [_made(now, item, typed.value(now.value(item), request.form.get("kind", "answer")))]
        examples = lines_of(request.form.get("examples", ""))[:MOST_CHECKED]
        if examples:  # of something new
            made.append(_made(now, Item(ItemKind.EXAMPLES, item.name.removeprefix(UTTER)), examples))
    else:
        added = lines_of(request.form.get("add", ""))
        twice = [one for one in added if one in known]
        made = [_made(now, item, [*known, *(one for one in added[:MOST_CHECKED] if one not in known)] or None)]
    found = findings_of(made, now.draft) if shown or made[0].after != made[0].before else []
    told = in_editors_words(found, now)
    return render_template("console/_content_preview.html", shown=shown, buttons=buttons, found=told, twice=twice)


def findings_of(made: Sequence[Change], draft: Draft | None) -> list[ContentFinding]:
    """What is wrong with changes beside the others of the draft, were they kept; nothing where nobody can tell.

    Args:
        made: as they were typed.
        draft: where they will be kept, None for a new one.
    """
    clock, items = services().clock(), {one.item for one in made}
    others = [one for one in draft.changes if one.item not in items] if draft else []
    typed = [DraftChange(change=one, by=g.staff, at=clock, version=1) for one in made]
    base = draft or Draft(id=0, title="", author=g.staff, created_at=clock, updated_at=clock)
    try:
        found = studio().findings(replace(base, changes=(*others, *typed)))
    except BotError:
        return []
    return [one for one in found if one.item in items]


def _made(now: Edited, item: Item, value: Any) -> Change:
    path = now.path(item) or f"data/nlu/faq/{next(iter(now.topics()), '')}.yml"
    return Change(item, now.live.value(item), value, path)


def shown_on_web(markdown: str) -> Markup:
    """A text as the chat and the support page show it."""
    return Markup(to_html(_linked(markdown)))  # noqa: S704  sanitised


def shown_in_slack(markdown: str) -> Markup:
    """A text as Slack shows it."""
    shown = _SLACK_LINK.sub(r'<a href="\1">\2</a>', to_mrkdwn(_linked(markdown)))
    for pattern, html in _SLACK_MARKS:
        shown = pattern.sub(html, shown)
    shown = nh3.clean(
        shown.replace("\n", "<br>"),
        tags=SLACK_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Markup(shown)  # noqa: S704  sanitised


def shown_in_mail(markdown: str) -> str:
    """A text as mails and transcripts have it."""
    return to_plain_text(_linked(markdown))


def _linked(markdown: str) -> str:
    return resolve_links(markdown, services().settings.links)
