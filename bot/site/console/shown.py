"""How the console's pages show moments, lines of a conversation and names of FAQs."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from bot.clock import Clock
from bot.content.markdown import plain_to_html, resolve_links, to_html
from bot.content.responses import button_titles
from bot.settings import Settings
from bot.tickets.service_level import ServiceLevel
from bot.tickets.ticket import Line

STEPS = ((60, 60, "min"), (24 * 60, 60 * 60, "h"), (365 * 24 * 60, 24 * 3600, "d"))  # up to minutes, seconds, unit


def filters(settings: Settings, clock: Clock, level: ServiceLevel) -> Mapping[str, Callable[..., Any]]:
    """The filters of the templates; `level` says when tickets are to be resolved."""

    def local(moment: datetime.datetime) -> str:
        there = moment.astimezone(settings.time_zone)
        return f"{there.day} {there:%b %Y, %H:%M} {there.tzname()}"

    def day(moment: datetime.datetime) -> str:
        there = moment.astimezone(settings.time_zone)
        return f"{there.day} {there:%b}"

    def said(line: Line) -> Markup:
        return Markup(_said(line, settings.links))  # noqa: S704  both ways of making it escape

    return {
        "local": local,
        "said": said,
        "age": lambda moment: age(moment, clock()),
        "faq_title": faq_title,
        "markdown": markdown,
        "plain": plain,
        "is_late": lambda at: is_late(at, clock()),
        "due": lambda at: due(at, clock()),
        "resolution_due": level.resolution_due,
        "day": day,
    }


def csrf_field() -> Markup:
    """The hidden field that says that a form was shown by us."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def age(moment: datetime.datetime, now: datetime.datetime) -> str:
    """How long ago a moment was, in its largest unit: "3 h"."""
    seconds = int((now - moment).total_seconds())
    for minutes, unit_seconds, unit in STEPS:
        if seconds < minutes * 60:
            return f"{max(0, seconds) // unit_seconds} {unit}"
    return f"{seconds // (365 * 24 * 3600)} y"


def is_late(at: datetime.datetime | None, now: datetime.datetime) -> bool:
    """Whether something that is due at a moment is overdue; None for what is not due."""
    return at is not None and at < now


def due(at: datetime.datetime, now: datetime.datetime) -> str:
    """How long until something is due, or how long it has been: "in 3 h", "3 h late"."""
    return f"{age(at, now)} late" if at < now else f"in {age(now, at)}"


def faq_title(faq: str) -> str:
    """The question of an FAQ."""
    return button_titles().get(f"faq/{faq}", faq)


def markdown(text: str) -> Markup:
    """Sentences of ours."""
    return Markup(to_html(resolve_links(text, {})))  # noqa: S704  sanitised


def plain(text: str) -> Markup:
    """What a person wrote."""
    return Markup(plain_to_html(text))  # noqa: S704  escaped


def _said(line: Line, links: Mapping[str, str]) -> str:
    return to_html(resolve_links(line.text, links)) if line.role == "bot" else plain_to_html(line.text)
