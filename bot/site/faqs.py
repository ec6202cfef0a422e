"""The FAQs for machines and for the widget: found by a search, described to search engines, listed for them."""

import logging
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for

from bot.content import faq_dates, faq_search, faqs
from bot.content.faqs import Faq
from bot.content.markdown import resolve_links, to_html
from bot.errors import AssistantUnavailable

bp = Blueprint("faqs", __name__)
LONGEST_SEARCH = 200
UNLISTED = ("/api/", "/console", "/watches/")  # what search engines need not read
log = logging.getLogger(__name__)


@bp.get("/api/faqs")
def search() -> Response:
    """The FAQs that fit a search, best first, with their answers."""
    return jsonify(faqs=[_as_json(faq) for faq in found(request.args.get("q", ""))])


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page that search engines should read, with the day of its last change where that is known."""
    every = faqs.every_faq()
    pages = [(_address(url_for("pages.support")), last_change(every))]
    pages += [(address_of(faq), last_change([faq])) for faq in every]
    return Response(render_template("sitemap.xml", pages=pages), mimetype="application/xml")


@bp.get("/robots.txt")
def robots() -> Response:
    """What search engines should leave alone, and where the list of pages is."""
    sitemap_address = _address(url_for("faqs.sitemap"))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in UNLISTED), f"Sitemap: {sitemap_address}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


def found(typed: str) -> list[Faq]:
    """The FAQs that fit a search, as the assistant understands it; by their words alone while it is away.

    Raises:
        Refused: too many searches.
    """
    words = typed.strip()[:LONGEST_SEARCH]
    current_app.extensions["limiter"].check_caller("searches", request.remote_addr)
    if not words:
        return []
    try:
        understood = current_app.extensions["services"].assistant.faqs(words)
    except AssistantUnavailable as problem:
        log.info("searched without the assistant: %s", problem)
        understood = {}
    return faq_search.found(words, understood)


def address_of(faq: Faq) -> str:
    """Where one FAQ is, for anybody anywhere."""
    return _address(url_for("pages.faq", slug=faq.slug))


def last_change(some: Sequence[Faq]) -> str:
    """The day of the newest change of some FAQs, as 2026-11-30; "" unless it is known of each."""
    days = [faq_dates.changed_on(faq) for faq in some]
    known = [day for day in days if day is not None]
    return max(known).isoformat() if known and len(known) == len(days) else ""


def structured(some: Sequence[Faq], address: str) -> dict[str, Any]:
    """Questions with their answers in the words of schema.org, for search engines.

    Args:
        some: what the page shows.
        address: of the page.
    """
    changed = last_change(some)
    return {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "url": address,
        "inLanguage": "en",
        **({"dateModified": changed} if changed else {}),
        "mainEntity": [
            {
                "@type": "Question",
                "name": faq.question,
                "url": address_of(faq),
                "acceptedAnswer": {"@type": "Answer", "text": _html(faq)},
            }
            for faq in some
        ],
    }


def _as_json(faq: Faq) -> dict[str, str]:
    return {"id": faq.id, "question": faq.question, "html": _html(faq), "url": address_of(faq)}


def _html(faq: Faq) -> str:
    return to_html(resolve_links(faq.answer, current_app.extensions["services"].settings.links))


def _address(path: str) -> str:
    """Of a page of ours, at the address by which people know the site (SITE_URL)."""
    site: str = current_app.extensions["services"].settings.site_url
    return site.rstrip("/") + path
