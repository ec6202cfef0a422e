"""Files in the chat and on the plain form: added as they are, one a request; handed out to be saved, never shown."""

import datetime
import hashlib
import uuid

from flask import Blueprint, Response, current_app, jsonify, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.attachments.attachment import Attachment, Upload, too_large
from bot.attachments.service import Attachments
from bot.bootstrap import Services
from bot.errors import UnknownFile, UnknownTicket
from bot.site.api import client_id, current_conversation, file_as_json
from bot.site.errors import Refused
from bot.site.guard import signer
from bot.site.limits import caller, network
from bot.site.records import still_open
from bot.tickets.files import hand_in

bp = Blueprint("attachments", __name__, url_prefix="/api")
MOST_UPLOADS = 2  # of an address, at once: pictures are read one after the other
CLAIM_SECONDS = 6 * 3600  # for which a file waits for its form
LONGEST_NAME = 1000
MOST_CLAIMS = 5


@bp.post("/attachments")
def add_file() -> tuple[Response, int]:
    """Add a file to the conversation, and to its open ticket if there is one; the same `id` again is the same file."""
    conversation_id = current_conversation()
    with current_app.extensions["uploading"].one_of(_counted()):
        upload, given = _upload(), client_id(request.args.to_dict())
        named = hashlib.sha256(f"{conversation_id} {given}".encode()).hexdigest()[:32] if given else ""
        file = _files().from_learner(upload, conversation_id, caller(), key=named, shown=True)
    reference = hand_in(_services().tickets, file, "site")
    return jsonify(**file_as_json(file), message_id=file.message_id, reference=reference or None), 201


@bp.post("/tickets/attachments")
def add_file_to_form() -> tuple[Response, int]:
    """Take a file for the plain form, which needs no conversation; the form sends its `claim` along."""
    with current_app.extensions["uploading"].one_of(_counted()):
        file = _files().from_learner(_upload(), network=caller())
    return jsonify(**file_as_json(file), claim=_claims().dumps(file.id)), 201


@bp.get("/attachments/<uuid:key>")
def saved_file(key: uuid.UUID) -> Response:
    """A file of this conversation, to be saved."""
    conversation_id = current_conversation()
    current_app.extensions["limiter"].check("looks of a conversation", conversation_id)
    file = _files().shown_in(key.hex, conversation_id)
    if not _may_see(file):
        raise UnknownFile
    return to_save(file, _files().content(file.id))


def claimed(given: object) -> tuple[str, ...]:
    """The ids of the files that a form has claims to; raises Refused for anything else."""
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_CLAIMS or not all(isinstance(one, str) for one in given):
        raise Refused(400, "malformed", f'"files" must be a list of at most {MOST_CLAIMS} claims.')
    try:
        return tuple(str(_claims().loads(one, max_age=CLAIM_SECONDS)) for one in given)
    except BadSignature:
        raise Refused(400, "file_refused", "Please add the files once more: they were added too long ago.") from None


def to_save(file: Attachment, content: bytes) -> Response:
    """A file that browsers save and do not show, whatever it holds."""
    answer = Response(content, mimetype=file.kind.value)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _may_see(file: Attachment) -> bool:
    """Who has proven an address of its ticket sees it; else for as long as what a record shows can be seen.

    The cookie of a conversation lives longer than a proof, and a computer may be shared.
    """
    services = _services()
    now, held = services.clock(), services.identity.held(file.conversation_id)
    if set(services.identity.proven(file.conversation_id)) & _addresses(file):
        return True
    return still_open(file.at, held, now, datetime.timedelta(minutes=services.settings.proof_minutes))


def _addresses(file: Attachment) -> set[str]:
    try:
        return set(_services().tickets.get(file.reference).addresses) if file.reference else set()
    except UnknownTicket:
        return set()


def _upload() -> Upload:
    """The body as it is. Raises Refused, FileRefused."""
    if request.mimetype != "application/octet-stream":
        raise Refused(415, "not_a_file", "The file must be sent as application/octet-stream.")
    largest = _files().largest
    if (request.content_length or 0) > largest:
        raise too_large(largest)
    request.max_content_length = largest
    return Upload(request.args.get("name", "")[:LONGEST_NAME], request.get_data())


def _counted() -> str:
    current_app.extensions["limiter"].check_caller("files", request.remote_addr)
    return network(request.remote_addr)


def _claims() -> URLSafeTimedSerializer:
    return signer("attachment")


def _services() -> Services:
    found: Services = current_app.extensions["services"]
    return found


def _files() -> Attachments:
    return _services().attachments
