"""Every page, every route of the API and every command, as a full database is measured with them."""

import datetime
import io
import ipaddress
import random
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from bench.console import _sign_in as sign_in
from bench.full_data import STAFF_ADDRESSES
from bot.bootstrap import Services
from bot.identity.store import CONSOLE, one_time_codes, proofs
from bot.watching.stop_links import StopLinks
from tests.servers.staff import Mailbox

ASKED_ADDRESS, OTHER_ADDRESS = "learner13@example.com", "learner14@example.com"
QUEUE, TICKET = "/console/", "/console/tickets/{ticket}"
FILTERS = {  # of the queue
    "open tickets": "",
    "the second page": "?state=all&page=2",
    "the last page": "?state=all&page={last_page}",
    "all": "?state=all",
    "waiting": "?state=waiting",
    "snoozed": "?state=snoozed",
    "resolved": "?state=resolved",
    "oldest first": "?order=oldest",
    "newest first": "?order=newest",
    "mine": "?owner=me",
    "nobody's": "?owner=nobody",
    "colleagues'": "?owner=colleagues",
    "ben's, all": "?owner=ben&state=all",
    "a tag": "?tag=claim&state=all",
    "a word of every ticket": "?state=all&q=badge",
    "the same, open ones": "?q=badge",
    "a word of fifty tickets": "?state=all&q=Müller",
    "an address": "?state=all&q=learner13@example.com",
    "a reference": "?state=all&q={ticket}",
    "three words": "?state=all&q=badge+missing+credly",
    "the beginning of a word": "?state=all&q=oztur",
    "a word of none": "?state=all&q=zebra",
}
PERIODS_ASKED = ("7", "30", "90")
BY_PERIOD = ("/console/analytics", "/console/review", "/console/team", "/console/team.csv")
PAGES_ASKED = (
    *("/", "/?q=share", "/faq/sharing-options", "/widget.js", "/openapi.json", "/robots.txt", "/sitemap.xml"),
    *("/healthz", "/readyz", "/metrics", "/static/base.css", "/watches/stop/{stop}"),
    *("/api/faqs?q=share", "/api/team", "/api/messages", "/api/conversations/past", "/api/conversations/past/{past}"),
    *("/api/attachments/{file}", "/console/attachments/{file}", "/console/attachments/{file}/picture"),
    *(f"{QUEUE}{query}" for query in FILTERS.values()),
    *("/console/live", "/console/answers", "/console/nothing-there", "/console/mails", "/console/mails/{mail}"),
    *("/console/mails/{mail}/original", TICKET, "/console/conversations/{talk}", "/console/lookups"),
    *("/console/lookups/log", "/console/lookups/log?kind=all", "/console/lookups/log?kind=all&q=" + ASKED_ADDRESS),
    *("/console/lookups/log?kind=all&page=2", "/console/lookups/{lookup}", "/console/lookups/{lookup}.csv"),
    *(f"{page}?days={days}" for page in BY_PERIOD for days in PERIODS_ASKED),
    *("/console/content", "/console/content?q=share", "/console/content/answers/sharing_options"),
    *("/console/content/answers/sharing_options/examples", "/console/content/credentials", "/console/content/declined"),
    *("/console/content/declined/new", "/console/content/messages", "/console/content/new"),
    *("/console/content/sentences", "/console/content/drafts", "/console/content/drafts/{draft}"),
    *("/console/content/drafts/{draft}/progress", "/console/content/history"),
    *("/console/content/item/response:utter_greet", "/console/content/credentials/none"),
    *("/console/sign-in", "/console/code"),
)
COMMANDS_ASKED = (
    "tickets list",
    "tickets list --state new",
    "tickets list --search badge",
    "tickets list --page 2",
    "tickets list --json",
    "tickets show {ticket}",
    "tickets reply {ticket} --by anna@example.com text",
    "tickets resolve {ticket} --by anna@example.com text",
    "tickets reopen {ticket} --by anna@example.com",
    "tickets requeue",
    "content list",
    "content drafts",
    "content history",
    "import --dry-run {csv}",
    "import {csv}",
    "import --undo",
    "migrate",
    "purge",
    "purge --person nobody@example.net --export -",
)
# What changes something: in the order of a ticket's life, and so that it can be done again and again.
FORMS_ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("claim", {}),
    ("reply", {"text": "Here you are."}),
    ("note", {"text": "For us."}),
    ("priority", {"priority": "high"}),
    ("priority", {"priority": "normal"}),
    ("tags", {"tags": "claim"}),
    ("tags", {"tags": ""}),
    ("snooze", {"until": "{tomorrow}"}),
    ("snooze", {"until": ""}),
    ("live", {}),
    ("fill", {"answer": "1"}),
    ("resolve", {"text": ""}),
    ("reopen", {}),
    ("release", {}),
    ("assign", {"to": STAFF_ADDRESSES[1]}),
    ("claim", {"from": STAFF_ADDRESSES[1]}),
    ("release", {}),
)
# Is done before each time, not measured, and may fail.
FIRST = {"import {csv}": "import --undo", "import --undo": "import {csv}"}
NOT_ASKED = {  # rules that need what neither database has, or that change one row by its key: why
    "console.content_publication": "shows files of a publication",
    "console.publication_patch": "shows files of a publication",
    "console.merge": "can be done once; one ticket by its key",
    "console.add_mail": "can be done once; one mail by its key",
    "console.dismiss_mail": "can be done once; one mail by its key",
    "console.keep_answer": "the canned answers, of which there are a few",
    "console.delete_answer": "the canned answers, of which there are a few",
    "console.gather": "writes files of the content",
    "console.dismiss_questions": "writes one file",
    "console.sign_out": "ends the session",
    "console.check_code": "one code by its key; is measured as the chat's",
    "attachments.add_file_to_form": "as /api/attachments",
    "stop_watching.stop": "can be done once",
}
STUDIO_FORMS = re.compile(r"^/console/content/")  # forms of the studio write files, and a draft's rows by its key


@dataclass
class MeasuredSite:
    """A site on one database, with a browser that is signed in and has a conversation."""

    app: Flask
    services: Services
    values: dict[str, str] = field(default_factory=dict)

    def prepare(self, tickets: int, ids: dict[str, str]) -> "MeasuredSite":
        """Sign in, begin a conversation, prove an address in it, add a file, look somebody up, begin a draft."""
        self.browser = self.app.test_client()
        with self.services.database.transaction() as connection:  # of the last time, which count for the limits
            connection.execute(one_time_codes.delete().where(one_time_codes.c.channel == CONSOLE))
        sign_in(self.browser, Mailbox(self.services.database))
        began = self.browser.post("/api/conversations").get_json()
        now = self.services.clock()
        with self.services.database.transaction() as connection:
            proof = {"conversation_id": began["conversation_id"], "email": ASKED_ADDRESS, "method": "code"}
            later = now + datetime.timedelta(days=1)
            connection.execute(proofs.insert().values(**proof, proven_at=now, expires_at=later))
        links = StopLinks(self.services.settings.site_secret_key, "")
        looked = self.browser.post(
            "/console/lookups", data={**self.token(), "addresses": f"{ASKED_ADDRESS} {OTHER_ADDRESS}"}
        )
        self.values = {
            **ids,
            "last_page": str(-(-tickets // 50)),
            "file": _add_file(self.browser).get_json()["id"],
            "stop": links.of(ASKED_ADDRESS).rpartition("/")[2],
            "lookup": looked.headers["Location"].rpartition("/")[2],
            "draft": str(self.services.studio.open_draft("A draft", STAFF_ADDRESSES[0]).id),
            "tomorrow": f"{now + datetime.timedelta(days=1):%Y-%m-%d}",
        }
        return self

    def token(self, page: str = "/console/lookups") -> dict[str, str]:
        """The hidden fields of a page's forms."""
        shown = self.browser.get(page).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown))
        return {name: hidden[name] for name in ("csrf_token", "key", "seen") if name in hidden}

    def asked(self) -> Iterator[tuple[str, Callable[[], TestResponse]]]:
        """What to call it, and the request; what a form needs is read outside of the time that is taken."""
        for page in PAGES_ASKED:
            yield f"GET {page}", lambda page=page: self.browser.get(page.format(**self.values))
        yield from self._chat()
        for number, (action, typed) in enumerate(FORMS_ASKED):
            fields = {name: value.format(**self.values) for name, value in typed.items()}
            words = " ".join(f"{name}={value}" for name, value in typed.items())
            yield f"POST {TICKET}/{action} {words} ({number})", self._form(action, fields)
        yield from self._other_forms()

    def _chat(self) -> Iterator[tuple[str, Callable[[], TestResponse]]]:
        post = self.browser.post
        other = self.app.test_client()
        former = other.post("/api/conversations").get_json()["token"]
        yield "POST /api/conversations", lambda: other.post("/api/conversations")
        yield "POST /api/conversations/restart", lambda: other.post("/api/conversations/restart")
        yield "POST /api/conversations/resume", lambda: other.post("/api/conversations/resume", json={"former": former})
        yield "POST /api/messages", lambda: other.post("/api/messages", json={"text": "How do I share it?"})
        self.browser.post("/api/messages", json={"text": "How do I share it?"})
        bot = [one for one in self.browser.get("/api/messages").get_json()["messages"] if one["role"] == "bot"][-1][
            "id"
        ]
        yield "POST /api/messages/…/feedback", lambda: post(f"/api/messages/{bot}/feedback", json={"helpful": True})
        talk = self.app.test_client()
        begin = lambda: {"token": talk.post("/api/conversations").get_json()["token"]}  # noqa: E731
        yield "POST /api/attachments", Prepared(begin, lambda _: _add_file(talk))
        yield (
            "POST /api/tickets",
            lambda: other.post(
                "/api/tickets",
                json={"email": _someone(), "about": "My badge is missing."},
                environ_overrides=_somewhere(),
            ),
        )
        yield "POST /api/conversations/transcript", lambda: post("/api/conversations/transcript")

    def _form(self, action: str, typed: dict[str, str]) -> Callable[[], TestResponse]:
        address = TICKET.format(**self.values)
        return Prepared(
            lambda: self.token(address),
            lambda hidden: self.browser.post(f"{address}/{action}", data={**hidden, **typed}),
        )

    def _other_forms(self) -> Iterator[tuple[str, Callable[[], TestResponse]]]:
        hidden, browser = self.token(), self.browser
        forms: dict[str, dict[str, Any]] = {
            "/console/lookups": {"addresses": ASKED_ADDRESS},
            "/console/outbox/requeue": {},
            "/console/bulk": {"action": "tag", "tag": "claim", "reference": self.values["ticket"]},
        }
        for page, typed in forms.items():
            yield f"POST {page}", lambda page=page, typed=typed: browser.post(page, data={**hidden, **typed})
        stranger = self.app.test_client()
        shown = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get("/console/sign-in").text)
        assert shown
        fields = {"csrf_token": shown[1], "address": "nobody@example.com"}
        yield "POST /console/sign-in", lambda: stranger.post("/console/sign-in", data=fields)


@dataclass
class Prepared:
    """A request that needs something read first, which is not measured."""

    before: Callable[[], dict[str, str]]
    request: Callable[[dict[str, str]], TestResponse]
    ready: dict[str, str] = field(default_factory=dict)

    def __call__(self) -> TestResponse:
        """Ask."""
        return self.request(self.ready)


def unasked(app: Flask, labels: Any) -> list[str]:
    """The rules of the site that nothing of what is asked matches, and that no reason is given for."""
    adapter, covered = app.url_map.bind("localhost"), set(NOT_ASKED)
    for label in labels:
        method, address = label.split(" ")[:2]
        sample = re.sub(r"\{\w+\}|…", str(uuid.UUID(int=5)), address.partition("?")[0])
        for one in (sample, sample.replace(str(uuid.UUID(int=5)), "5")):
            try:
                covered.add(adapter.match(one, method=method)[0])
            except Exception:  # noqa: BLE001, S112  another kind of value
                continue
    left = []
    for rule in app.url_map.iter_rules():
        forms = rule.methods is not None and "GET" not in rule.methods and STUDIO_FORMS.match(rule.rule)
        if rule.endpoint not in covered and not forms:
            left.append(rule.rule)
    return sorted(left)


def _add_file(browser: FlaskClient) -> TestResponse:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    sent = {"data": picture.getvalue(), "content_type": "application/octet-stream"}
    return browser.post("/api/attachments?name=a.png", **sent, environ_overrides=_somewhere())


def _somewhere() -> dict[str, str]:
    """A network that nobody else has: their limits are not what is measured."""
    return {"REMOTE_ADDR": str(ipaddress.IPv4Address(0x0A000000 + random.getrandbits(24)))}


def _someone() -> str:
    return f"{uuid.uuid4().hex}@example.com"
