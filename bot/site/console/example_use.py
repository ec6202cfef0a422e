"""Which examples of an answer carry it, and which nobody ever writes like."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from werkzeug.exceptions import NotFound

from bot.insight.numbers import example_uses, faq_questions
from bot.nlu.examples import without_markup
from bot.nlu.standalone import NoModel
from bot.site.console import insight
from bot.site.console.content import numbers_of, studio
from bot.site.console.entrance import bp, services
from bot.site.console.insight import PERIODS, between, period
from bot.studio.items import Item, ItemKind

NEWEST_COMPARED = 400  # messages of people, the newest ones


@bp.get("/content/answers/<faq_id>/examples")
def content_example_use(faq_id: str) -> str:
    """Examples with how many messages of the period were nearest to them; the idle ones apart."""
    content = studio().content()
    faq = next((one for one in content.faqs() if one.id == faq_id), None)
    if faq is None:
        raise NotFound
    days = period()
    since, _ = between(days)
    questions = faq_questions(services().database, faq_id, since, NEWEST_COMPARED)
    examples = [str(one) for one in content.value(Item(ItemKind.EXAMPLES, f"faq/{faq_id}")) or []]
    try:
        uses = example_uses(examples, questions, _encode) if questions else []
    except NoModel:
        uses = []
    return render_template(
        "console/content_example_use.html",
        tab="console.content",
        faq=faq,
        days=days,
        periods=PERIODS,
        asked=numbers_of(faq_id).answered,
        compared=len(questions),
        carrying=[one for one in uses if one.carried],
        others=[one for one in uses if not one.carried and not one.is_idle],
        idle=[one for one in uses if one.is_idle and not one.carried],
    )


def _encode(texts: Sequence[str]) -> Any:
    return insight.encode([without_markup(one) for one in texts])
