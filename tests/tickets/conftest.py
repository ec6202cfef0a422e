import datetime

import pytest

from bot import bootstrap
from bot.settings import Settings
from bot.tickets.ticket import HandoverReason, Line, TicketRequest
from tests.conftest import SECRET

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc)


@pytest.fixture()
def services(database_url):
    built = bootstrap.build(
        Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "SITE_URL": "https://help.example.com"})
    )
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def tickets(services):
    """It is NOON for them, and for what happens to them by itself."""
    services.tickets._clock = lambda: NOON
    object.__setattr__(services.waiting, "clock", lambda: NOON)
    return services.tickets


def request(key="r1", **changes):
    return TicketRequest(
        **{
            "key": key,
            "conversation_id": f"conversation of {key}",
            "channel": "site",
            "contact": "jane@example.com",
            "about": "Level 2 is missing.\nI finished it in October.",
            "reason": HandoverReason.OVERDUE,
            "proven": ("jane@example.com",),
            "diagnosis": ("- **Level 2**: overdue.",),
            "stages": ("overdue",),
            "credentials": ("Level 2",),
            "faqs": ("missing_micro_credential",),
            "transcript": (Line("user", "where is my <b>badge</b>?"), Line("bot", "It is **overdue**.")),
            **changes,
        }
    )
