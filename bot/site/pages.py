"""The support page: the FAQs by topic with a search, each on an address of its own, the chat beside them."""

from functools import lru_cache

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from bot.content import faq_dates, faqs
from bot.content.markdown import resolve_links, to_html
from bot.settings import Settings
from bot.site.errors import Refused
from bot.site.faqs import LONGEST_SEARCH, address_of, found, structured
from bot.site.widget_script import WIDGET_LANGUAGE, languages, script

bp = Blueprint("pages", __name__)
WIDGET_SECONDS = 300  # how long browsers may keep the widget without asking


@bp.get("/")
def support() -> str:
    """All FAQs by topic, or those that a search finds, best first."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    if words:
        return render_template("support.html", words=words, found=found(words))
    _count()
    every = [faq for topic in faqs.topics() for faq in topic.faqs]
    address = f"{_settings().site_url}{url_for('pages.support')}"
    return render_template("support.html", topics=faqs.topics(), structured=structured(every, address))


@bp.get("/faq/<slug>")
def faq(slug: str) -> tuple[str, int] | WerkzeugResponse:
    """One FAQ; who asks for it by its id is shown the way."""
    _count()
    named = faqs.by_id(slug)
    if named and named.slug != slug:
        return redirect(url_for("pages.faq", slug=named.slug), 301)
    known = faqs.find(slug)
    if known is None:
        return render_template("support.html", topics=faqs.topics(), missing=True), 404
    topic, one = known
    page = {"structured": structured([one], address_of(one)), "address": address_of(one)}
    related = [other for other in map(faqs.by_id, one.related) if other]
    changed = faq_dates.changed_on(one)
    return render_template("faq.html", topic=topic, faq=one, related=related, changed=changed, **page), 200


@bp.errorhandler(Refused)
def busy(refused: Refused) -> tuple[str, int, dict[str, str]]:
    """The page without its answers, for who asks too often."""
    words = request.args.get("q", "")[:LONGEST_SEARCH]
    page = render_template("support.html", topics=(), typed=words, busy=True)
    return page, refused.status, {"Retry-After": str(refused.retry_after)}


@bp.get("/widget.js")
def widget() -> Response:
    """The chat as one script, its own words in the language that is asked for, where there is such a file."""
    wanted = request.args.get("language", "")
    language = wanted if wanted in languages() else WIDGET_LANGUAGE
    answer = Response(script(language), mimetype="text/javascript")
    answer.add_etag()
    answer.cache_control.public, answer.cache_control.max_age = True, WIDGET_SECONDS
    answer.make_conditional(request)
    return answer


@bp.app_template_filter("answer")
def answer(markdown: str) -> Markup:
    """An answer as safe HTML."""
    return Markup(_html(resolve_links(markdown, _settings().links)))  # noqa: S704  sanitised by to_html


@lru_cache(maxsize=256)
def _html(markdown: str) -> str:
    return to_html(markdown)


def _count() -> None:
    current_app.extensions["limiter"].check_caller("pages", request.remote_addr)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["services"].settings
    return settings
