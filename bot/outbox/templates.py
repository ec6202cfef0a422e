"""Makes the words of a mail from data/mail: subject, plain text and HTML."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

FOLDER = Path("data/mail")


@dataclass(frozen=True)
class Rendered:
    """The three parts of a mail."""

    subject: str
    text: str
    html: str


def render(mail: str, /, **values: object) -> Rendered:
    """The words of one mail; text and HTML may use its `subject`.

    Args:
        mail: name of the files in data/mail: NAME.subject.txt, NAME.txt and NAME.html.
        values: what the templates use; in HTML they are escaped.

    Raises:
        jinja2.UndefinedError: a template uses a value that is not given.
        jinja2.TemplateNotFound: there is no such mail.
    """
    templates = _environment()
    subject = templates.get_template(f"{mail}.subject.txt").render(values).strip()
    text, html = (templates.get_template(f"{mail}.{part}").render(values, subject=subject) for part in ("txt", "html"))
    return Rendered(subject, text, html)


def line(name: str, /, **values: object) -> str:
    """A few words of data/mail/NAME.txt, to be put into a text. Raises as `render` does."""
    return _environment().get_template(f"{name}.txt").render(values).strip()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["lines"] = _lines
    return templates


def _lines(text: str) -> Markup:
    """A text whose lines stay lines in HTML; by elements, as not every mail program knows `pre-line`."""
    return Markup("<br>\n").join(text.split("\n"))
