"""`python -m bench.console [DATABASE_URL]`: how long the console's pages take with 10,000 tickets, search included.

Without an address it uses SQLite in a temporary folder. On PostgreSQL it makes a schema of its own and drops it.
"""

import datetime
import random
import re
import statistics
import sys
import time
from collections.abc import Callable

from flask.testing import FlaskClient

from bench.lookup import _place as place
from bot.bootstrap import Services, build
from bot.settings import Settings
from bot.site.app import create_app
from bot.tickets.suggestion import suggest
from bot.tickets.ticket import HandoverReason, Line, State, Ticket, TicketRequest
from tests.servers.staff import ANNA, Mailbox

TICKETS, LINES, WORDS_OF_A_LINE, TIMES = 10_000, 12, 30, 11
WORDS = (
    "badge",
    "missing",
    "credly",
    "profile",
    "mail",
    "micro",
    "level",
    "exam",
    "date",
    "name",
    "share",
    "old",
    "new",
)
PAGES = (
    "/",
    "/?owner=me",
    "/?state=all&page=200",
    "/?state=all&q=badge",
    "/?state=all&q=learner77@example",
    "/?state=all&q=not+there",
    "/tickets/CRT-2026-05000",
)


def main(arguments: list[str]) -> None:
    """Fill, sign in, measure, print."""
    with place(*arguments[:1]) as url:
        given = {"SITE_SECRET_KEY": "k" * 40, "DATABASE_URL": url, "STAFF_EMAILS": ANNA}
        services = build(Settings.load(given))
        _fill(services, random.Random(1))
        browser = create_app(services).test_client()
        _sign_in(browser, Mailbox(services.database))
        for page in PAGES:
            median, worst = _milliseconds(lambda page=page: browser.get(f"/console{page}").status_code == 200)
            print(f"{page:36} median {median:4.0f} ms, worst of {TIMES} {worst:4.0f} ms")
        services.database.engine.dispose()


def _fill(services: Services, chance: random.Random) -> None:
    """Tickets in every state, each with a transcript."""
    store, now = services.tickets.store, datetime.datetime(2026, 11, 25, tzinfo=datetime.timezone.utc)

    def words(number: int) -> str:
        return " ".join(chance.choices(WORDS, k=number))

    with services.database.transaction() as connection:
        for n in range(TICKETS):
            said = tuple(Line(chance.choice(("user", "bot")), words(WORDS_OF_A_LINE)) for _ in range(LINES))
            contact, reason = f"learner{n}@example.com", chance.choice(list(HandoverReason))
            request = TicketRequest(f"r{n}", f"c{n}", "site", contact, words(12), reason, transcript=said)
            reference, number = store.next_reference(connection, now.year)
            state, at = chance.choice(list(State)), now - datetime.timedelta(minutes=7 * n)
            about = (contact, request.about, reason, suggest(request), f"c{n}", "site", at, at)
            owner = chance.choice(("", ANNA))
            store.add(connection, Ticket(reference, state, *about, owner, transcript=said), request, number)


def _sign_in(browser: FlaskClient, mailbox: Mailbox) -> None:
    for page, field, value in (("sign-in", "address", lambda: ANNA), ("code", "code", lambda: mailbox.code(ANNA))):
        shown = browser.get(f"/console/{page}").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        browser.post(f"/console/{page}", data={"csrf_token": found[1] if found else "", field: value()})


def _milliseconds(look: Callable[[], bool]) -> tuple[float, float]:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        assert look()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


if __name__ == "__main__":
    main(sys.argv[1:])
