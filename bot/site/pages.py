"""The support page: the FAQs by topic with a search, each on an address of its own, the chat beside them."""

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from bot.content import faqs
from bot.content.markdown import resolve_links, to_html
from bot.site.widget_script import script

bp = Blueprint("pages", __name__)
LONGEST_SEARCH = 200
WIDGET_SECONDS = 300  # how long browsers may keep the widget without asking


@bp.get("/")
def support() -> str:
    """All FAQs, or those that a search finds."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    found = faqs.search(words) if words else faqs.topics()
    return render_template("support.html", topics=found, words=words, ignored=faqs.IGNORED)


@bp.get("/faq/<slug>")
def faq(slug: str) -> tuple[str, int]:
    """One FAQ."""
    found = faqs.find(slug)
    if found is None:
        return render_template("support.html", topics=faqs.topics(), words="", ignored=faqs.IGNORED, missing=True), 404
    topic, one = found
    related = [other for other in map(faqs.by_id, one.related) if other]
    return render_template("faq.html", topic=topic, faq=one, related=related), 200


@bp.get("/widget.js")
def widget() -> Response:
    """The chat as one script."""
    answer = Response(script(), mimetype="text/javascript")
    answer.add_etag()
    answer.cache_control.public, answer.cache_control.max_age = True, WIDGET_SECONDS
    answer.make_conditional(request)
    return answer


@bp.app_template_filter("answer")
def answer(markdown: str) -> Markup:
    """An answer as safe HTML."""
    links = current_app.extensions["services"].settings.links
    return Markup(to_html(resolve_links(markdown, links)))  # noqa: S704  sanitised by to_html
