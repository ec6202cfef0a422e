"""Who may enter the console: staff, by a one-time code, for at most eight hours."""

import datetime
import logging
import uuid
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from bot.bootstrap import Services
from bot.identity.address import normalise
from bot.identity.proof import Proven
from bot.identity.service import Identity
from bot.identity.store import CONSOLE
from bot.settings import Settings
from bot.staff import StaffList

LONGEST_SESSION = datetime.timedelta(hours=8)
SENDING_THREADS, MOST_SENDING = 2, 100  # codes that are being sent, or wait for it
LARGEST_FORM_BYTES = 256 * 1024  # 10,000 emoji take 120 KB as a form sends them
WITH_FILES = ("console.reply", "console.resolve", "console.fill_in")  # of one form
WITHOUT_SIGN_IN = ("console.sign_in", "console.ask_for_code", "console.code", "console.check_code")
ASKED_BY_SCRIPT = ("console.live_queue", "console.live_ticket")
bp = Blueprint("console", __name__, url_prefix="/console")
csrf = CSRFProtect()
log = logging.getLogger(__name__)


class Entrance:
    """Sends codes to staff only, and knows who is signed in.

    The cookie holds the id under which identity keeps what is proven, so that signing out ends the session for every
    copy of the cookie. It also says that this browser typed the code: a cookie planted before that opens nothing.
    """

    def __init__(self, identity: Identity, staff: Container[str]) -> None:
        """Use an identity whose proofs hold for a session, and the addresses that may sign in, asked at each use."""
        self.identity, self._staff = identity, staff
        self._sending, self._room = ThreadPoolExecutor(SENDING_THREADS, "console"), BoundedSemaphore(MOST_SENDING)

    def send_code(self, address: str, network: str) -> None:
        """Send a code if the address is on the list; raises InvalidAddress, and tells nothing else.

        It is sent in a thread of its own: codes for one address wait for each other, and only those on the list would
        let whoever asks for many at once wait.

        Args:
            address: as typed.
            network: what stands for the network of the browser.
        """
        email = normalise(address)
        conversation = session.setdefault("conversation", f"console-{uuid.uuid4()}")
        if email not in self._staff:
            return
        if self._room.acquire(blocking=False):
            self._sending.submit(copy_context().run, self._send, conversation, email, network)
        else:
            log.warning("a code for the console is not sent: too many are asked for at once")

    def finish(self) -> None:
        """Wait until every code that was asked for has been sent."""
        for _ in range(MOST_SENDING):
            self._room.acquire()
        self._room.release(MOST_SENDING)

    def _send(self, conversation: str, email: str, network: str) -> None:
        try:
            self.identity.request_code(conversation, email, CONSOLE, network)
        except Exception as error:
            log.error("a code for the console could not be sent: %s", type(error).__name__, exc_info=error)
        finally:
            self._room.release()

    def check_code(self, typed: str) -> bool:
        """Whether the code is right; if so, this browser is signed in."""
        conversation = session.get("conversation", "")
        answer = self.identity.check_code(conversation, typed) if conversation else None
        if not isinstance(answer, Proven) or answer.address not in self._staff:
            return False
        session.clear()
        session.update(conversation=conversation, signed_in=True)
        return True

    def who(self) -> str:
        """The address that this browser is signed in with, "" if none."""
        if not session.get("signed_in"):
            return ""
        proven = self.identity.proven(session.get("conversation", ""))
        return next((address for address in proven if address in self._staff), "")

    def leave(self) -> None:
        """End the session."""
        self.identity.forget(session["conversation"])
        session.clear()


def entrance() -> Entrance:
    """The entrance of this site."""
    found: Entrance = current_app.extensions["console"]
    return found


def services() -> Services:
    """What the pages show and change."""
    found: Services = current_app.extensions["services"]
    return found


def colleagues() -> list[str]:
    """The addresses of the team, by name."""
    return sorted(StaffList(services().settings))


def largest_form(settings: Settings) -> int:
    """Bytes of a form with files: twice what one mail takes, so that who chose too many is told so beside the text."""
    return LARGEST_FORM_BYTES + 2 * max(settings.mailed_megabytes, settings.attachment_megabytes) * 1_000_000


@bp.before_request
def enter() -> AnyResponse | None:
    """Nobody but staff gets further than the sign-in, and no form is taken that was not shown by us."""
    request.max_content_length = LARGEST_FORM_BYTES
    g.staff = entrance().who()
    if not g.staff and request.endpoint in ASKED_BY_SCRIPT:
        raise Unauthorized  # nobody wants to come back here, and nothing was to be sent
    if not g.staff and request.endpoint not in WITHOUT_SIGN_IN:
        if request.method == "GET":
            session["next"] = request.full_path.rstrip("?")[:500]
        else:
            flash("", "signed_out")
        return redirect(url_for("console.sign_in"), 303)
    if request.endpoint in WITH_FILES:
        request.max_content_length = largest_form(services().settings)
    if request.method == "POST":
        csrf.protect()
    return None


@bp.after_request
def keep_private(response: Response) -> Response:
    """No copy stays in the browser once somebody has signed out."""
    response.headers["Cache-Control"] = "no-store"
    return response


def note(action: str, **fields: Any) -> None:
    """Log what somebody did; a session is named by a hash, a person never."""
    by = sha256(str(session.get("conversation", "")).encode()).hexdigest()[:12]
    log.info("console", extra={"fields": {"action": action, "session": by, **fields}})
