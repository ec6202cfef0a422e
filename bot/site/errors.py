"""What the API answers when something cannot be done: every error with its status, its code and its words.

Who looks at another address in a browser gets a page of it.
"""

import logging
from collections.abc import Mapping

from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bot.database import DATABASE_TROUBLE
from bot.errors import (
    AssistantUnavailable,
    BotError,
    CannotMerge,
    EmptyText,
    FileRefused,
    InvalidAddress,
    InvalidTag,
    InvalidToken,
    NoConversation,
    StoreUnavailable,
    TextTooLong,
    TooManyFiles,
    TooManyMessages,
    TooManyTickets,
    UnfilledPlaceholder,
    UnknownAnswer,
    UnknownButton,
    UnknownFile,
    UnknownMessage,
    UnknownPlaceholder,
)
from bot.insight.review import PrivateText
from bot.studio.drafts import ChangedMeanwhile, DraftBusy, EditedMeanwhile, NoDraft
from bot.studio.editing import NotEditor
from bot.studio.publications import CannotPublish, NoPublication, TrainsFirst
from bot.studio.service import NotSecondPerson
from bot.telemetry.requests import request_id

log = logging.getLogger(__name__)


class Refused(BotError):
    """Raised by the site's own views; becomes `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        """Keep what the answer will say; `retry_after` are the seconds to wait, if waiting helps."""
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


# Status, code, and words; "" for the error's own.
ANSWERS: Mapping[type[BotError], tuple[int, str, str]] = {
    AssistantUnavailable: (
        503,
        "assistant_unavailable",
        "The assistant is not available right now. Please try again soon.",
    ),
    CannotMerge: (400, "cannot_merge", ""),
    CannotPublish: (409, "cannot_publish", ""),
    ChangedMeanwhile: (409, "changed_meanwhile", ""),
    DraftBusy: (409, "draft_busy", ""),
    EditedMeanwhile: (409, "edited_meanwhile", ""),
    EmptyText: (400, "empty", ""),
    FileRefused: (400, "file_refused", ""),
    InvalidAddress: (400, "invalid_address", "Please give the e-mail address that the team may answer to."),
    InvalidTag: (400, "bad_tag", ""),
    InvalidToken: (401, "invalid_identity_token", "We could not confirm who you are. Please sign in again."),
    NoConversation: (401, "no_conversation", ""),
    NoDraft: (404, "no_draft", ""),
    NoPublication: (404, "no_publication", ""),
    NotEditor: (403, "not_editor", ""),
    NotSecondPerson: (403, "not_second_person", ""),
    PrivateText: (400, "private_text", ""),
    TextTooLong: (413, "too_long", ""),
    StoreUnavailable: (503, "files_unavailable", "Files cannot be kept or shown just now. Please try again soon."),
    TrainsFirst: (409, "trains_first", ""),
    TooManyFiles: (429, "too_many", ""),
    TooManyMessages: (429, "too_many", ""),
    TooManyTickets: (429, "too_many", ""),
    UnfilledPlaceholder: (409, "unfilled", ""),
    UnknownAnswer: (404, "unknown_message", ""),
    UnknownFile: (404, "unknown_file", ""),
    UnknownButton: (400, "unknown_payload", ""),
    UnknownMessage: (404, "unknown_message", ""),
    UnknownPlaceholder: (400, "unknown_placeholder", ""),
}


def refusal(problem: BotError) -> Refused:
    """What to answer to an error of a feature; raises KeyError for one that the table does not have."""
    if isinstance(problem, Refused):
        return problem
    status, code, message = ANSWERS[type(problem)]
    return Refused(status, code, message or str(problem), retry_after=getattr(problem, "retry_after", 0))


def register(app: Flask) -> None:
    """Answer errors in the API's one shape, whoever raises them."""
    kinds: list[type[BotError]] = [Refused, *ANSWERS]
    for known in kinds:
        app.register_error_handler(known, _refused)
    for trouble in DATABASE_TROUBLE:
        app.register_error_handler(trouble, _database_trouble)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def error(status: int, code: str, message: str) -> tuple[Response, int]:
    """The one shape of every API error; of a fault of ours with the reference by which support finds it in the logs."""
    reference = request_id.get() if status >= 500 else ""
    of_the_api = request.path.startswith("/api/")
    if reference and not of_the_api:
        message = f"{message} Reference: {reference}"
    if not of_the_api and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return _page(status, message), status
    found = {"code": code, "message": message}
    return jsonify(error={**found, "reference": reference} if reference else found), status


def _page(status: int, message: str) -> Response:
    title = "There is no such page" if status == 404 else "That did not work"
    told = "Its address may be mistyped, or it has moved. The answers are all here." if status == 404 else message
    page = make_response(render_template("error.html", title=title, message=told))
    page.cache_control.no_store = True
    return page


def _refused(problem: BotError) -> tuple[Response, int]:
    if isinstance(problem, AssistantUnavailable):
        log.warning("the assistant did not answer: %s", problem)
    refused = refusal(problem)
    answer, status = error(refused.status, refused.code, refused.message)
    if refused.retry_after:
        answer.headers["Retry-After"] = str(refused.retry_after)
    return answer, status


def _database_trouble(problem: SQLAlchemyError) -> tuple[Response, int]:
    """Told in words that it will pass: whoever sends a message again, as the widget does, is answered then."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    reason = str(cause).strip().partition("\n")[0]
    log.error("the database failed in %s: %s: %s", request.endpoint, type(cause).__name__, reason)
    return error(503, "database_unavailable", "We cannot keep or look up anything right now. Please try again soon.")


def _http_error(problem: HTTPException) -> tuple[Response, int]:
    status = problem.code or 500
    if status == 413:
        return error(413, "too_long", "That message is too long. Please shorten it to 2,000 characters.")
    answer, status = error(status, problem.name.lower().replace(" ", "_"), problem.description or problem.name)
    if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(problem.valid_methods))
    return answer, status


def _unexpected(problem: Exception) -> tuple[Response, int]:
    log.error("unexpected %s in %s", type(problem).__name__, request.endpoint, exc_info=problem)
    return error(500, "internal_error", "Something went wrong on our side. Please try again.")
