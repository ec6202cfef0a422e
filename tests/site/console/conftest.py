"""The site with two members of staff."""

import pytest

from bot import bootstrap
from bot.tickets.ticket import Line, TicketRequest
from tests.servers.staff import ANNA, BEN, Mailbox, Staff


@pytest.fixture()
def services(settings, tmp_path):
    changes = {"staff_emails": frozenset({ANNA, BEN}), "content_path": str(tmp_path / "content")}
    return bootstrap.build(settings.copy(update=changes))


@pytest.fixture()
def mailbox(services):
    return Mailbox(services.database)


@pytest.fixture()
def visitor(app, mailbox):
    return Staff(app, mailbox)


@pytest.fixture()
def anna(app, mailbox):
    return Staff(app, mailbox).sign_in(ANNA)


@pytest.fixture()
def ben(app, mailbox):
    return Staff(app, mailbox).sign_in(BEN)


@pytest.fixture()
def ticket(services):
    return file(services)


def file(services, key="r1", **changes):
    values = {
        "channel": "site",
        "contact": "jane@example.com",
        "about": "Level 2 is missing.",
        "proven": ("jane@example.com",),
    }
    said = (Line("user", "where is it?"), Line("bot", "It is **overdue**."))
    return services.tickets.open(TicketRequest(key, f"c-{key}", **{**values, "transcript": said, **changes}))
