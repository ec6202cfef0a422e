"""Files of tickets in the console: pictures are shown, everything can be saved, a reply takes some along."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from flask import Response, g, request

from bot.attachments.attachment import Attachment, Upload
from bot.attachments.names import size_in_words
from bot.errors import FileRefused, RequestError, StoreUnavailable, TicketChanged, UnknownFile
from bot.site.attachments import to_save
from bot.site.console.entrance import bp, services

FIELD = "files"


@bp.get("/attachments/<uuid:key>")
def saved_attachment(key: uuid.UUID) -> Response:
    """A file, to be saved."""
    file = _of_a_ticket(key)
    return to_save(file, services().attachments.content(file.id))


@bp.get("/attachments/<uuid:key>/picture")
def shown_picture(key: uuid.UUID) -> Response:
    """A picture, to be seen within a page; it was made by us, so nothing is in it that could act."""
    file = _of_a_ticket(key)
    if not file.kind.is_picture:
        raise UnknownFile
    answer = Response(services().attachments.content(file.id), mimetype=file.kind.value)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def files_by_origin(references: Collection[str]) -> Mapping[str, Sequence[Attachment]]:
    """The files of tickets by the key of the event that they came with, or the ticket that was opened with them."""
    found: dict[str, list[Attachment]] = {}
    for file in services().attachments.of_tickets(references):
        found.setdefault(file.event_key or file.reference, []).append(file)
    return found


@contextmanager
def added_files() -> Iterator[Sequence[str]]:
    """The ids of the files that a form brings, kept; taken back where it is refused. Raises FileRefused."""
    kept: list[str] = []
    try:
        for upload in _uploads():
            kept.append(services().attachments.from_team(upload, g.staff).id)
        yield kept
    except (RequestError, StoreUnavailable, TicketChanged):
        services().attachments.discard(kept)
        raise


def has_files() -> bool:
    """Whether the form brings any."""
    return any(one.filename for one in request.files.getlist(FIELD))


def _uploads() -> list[Upload]:
    """Raises FileRefused where they are too many for the mail that takes them to the learner."""
    chosen = [Upload(one.filename, one.read()) for one in request.files.getlist(FIELD) if one.filename]
    most = services().settings.mailed_megabytes * 1_000_000
    together = sum(len(one.content) for one in chosen)
    if together > most:
        raise FileRefused(
            f"Together the files have {size_in_words(together)}; a mail to the learner takes {most // 1_000_000} MB."
        )
    return chosen


def _of_a_ticket(key: uuid.UUID) -> Attachment:
    file = services().attachments.get(key.hex)
    if not file.reference:
        raise UnknownFile
    return file
