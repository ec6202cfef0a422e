"""`python -m bench.ticket_search [DATABASE_URL]`: queue, search and ticket page with 100 and with 10,000 tickets.

Without an address it uses SQLite in a temporary folder. On PostgreSQL it makes a schema for each size and drops it.
"""

import datetime
import random
import sys
import time

from flask.testing import FlaskClient

from bench.console import _sign_in as sign_in
from bench.lookup import _place as place
from bot.bootstrap import Services, build
from bot.database import Database
from bot.settings import Settings
from bot.site.app import create_app
from bot.tickets.suggestion import suggest
from bot.tickets.ticket import HandoverReason, Line, State, Ticket, TicketRequest
from tests.servers.staff import ANNA, Mailbox

FEW, MANY, TIMES = 100, 10_000, 21
LINES, WORDS_OF_LINE = 8, 25
COMMON = (
    "the",
    "my",
    "badge",
    "credly",
    "mail",
    "level",
    "exam",
    "date",
    "name",
    "missing",
    "micro",
    "profile",
    "share",
)
RARE = [f"{first}{second}" for first in ("Ander", "Öztür", "Lind", "Mül", "Køb", "Šim") for second in range(500)]
QUEUE, TICKET = "/console/", "/console/tickets/CRT-2026-00042"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "the queue": (QUEUE, {}),
    "all tickets": (QUEUE, {"state": "all"}),
    "the page of a ticket": (TICKET, {}),
    "a word of every ticket": (QUEUE, {"state": "all", "q": "badge"}),
    "the same, open tickets": (QUEUE, {"q": "badge"}),
    "a word of 1 in 100": (QUEUE, {"state": "all", "q": "Müller"}),
    "the beginning of a word": (QUEUE, {"state": "all", "q": "oztur4"}),
    "an address": (QUEUE, {"state": "all", "q": "learner77@example"}),
    "a reference": (QUEUE, {"state": "all", "q": "CRT-2026-00042"}),
    "several words": (QUEUE, {"state": "all", "q": "badge missing lind"}),
    "the same, of open ones": (QUEUE, {"q": "badge missing lind"}),
    "a word of none": (QUEUE, {"state": "all", "q": "zebra"}),
}


def main(arguments: list[str]) -> None:
    """Fill, sign in, measure both in turns, print."""
    given = {"SITE_SECRET_KEY": "k" * 40, "STAFF_EMAILS": ANNA}
    with place(*arguments[:1]) as few, place(*arguments[:1]) as many:
        browsers = {}
        for size, url in ((FEW, few), (MANY, many)):
            services = build(Settings.load({**given, "DATABASE_URL": url}))
            began = time.perf_counter()
            _fill(services, size, random.Random(1))
            print(f"{size} tickets filled in {time.perf_counter() - began:.1f} s")
            browsers[size] = create_app(services).test_client()
            sign_in(browsers[size], Mailbox(services.database))
        for name, (page, query) in PAGES.items():
            _report(name, browsers, page, query)


def _report(name: str, browsers: dict[int, FlaskClient], page: str, query: dict[str, str]) -> None:
    """The least CPU time of this process, and the least time altogether, in which PostgreSQL has its part."""
    cpu, wall = dict[int, float](), dict[int, float]()
    for _ in range(TIMES):
        for size, browser in browsers.items():
            began, began_cpu = time.perf_counter(), time.process_time()
            assert browser.get(page, query_string=query).status_code == 200
            cpu[size] = min(cpu.get(size, 1e9), (time.process_time() - began_cpu) * 1000)
            wall[size] = min(wall.get(size, 1e9), (time.perf_counter() - began) * 1000)
    for what, took in ((name, cpu), ("  with the database's", wall)):
        few, many = took[FEW], took[MANY]
        print(f"{what:26} {few:5.1f} ms at {FEW}, {many:5.1f} ms at {MANY}: {many / few:.2f} times")


def _fill(services: Services, size: int, chance: random.Random) -> None:
    """Tickets in every state, each with a transcript; one in a hundred names a Müller."""
    store, now = services.tickets.store, datetime.datetime(2026, 11, 25, tzinfo=datetime.timezone.utc)

    def words(number: int) -> str:
        return " ".join([*chance.choices(COMMON, k=number), *chance.choices(RARE, k=number // 8)])

    with services.database.transaction() as connection:
        for n in range(size):
            said = tuple(Line(chance.choice(("user", "bot")), words(WORDS_OF_LINE)) for _ in range(LINES))
            about = f"badge {'Frau Müller ' if n % 100 == 0 else ''}{words(12)}"
            contact, reason = f"learner{n}@example.com", chance.choice(list(HandoverReason))
            request = TicketRequest(f"r{n}", f"c{n}", "site", contact, about, reason, transcript=said)
            reference, number = store.next_reference(connection, now.year)
            state, at = chance.choice(list(State)), now - datetime.timedelta(minutes=7 * n)
            known = (contact, about, reason, suggest(request), f"c{n}", "site", at, at)
            store.add(connection, Ticket(reference, state, *known, transcript=said), request, number)
    vacuum(services.database)


def vacuum(database: Database) -> None:
    """What PostgreSQL does by itself within a minute or so after a filling; SQLite never does."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


if __name__ == "__main__":
    main(sys.argv[1:])
