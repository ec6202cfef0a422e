import datetime

import pytest
import sqlalchemy as sql

from bot import bootstrap
from bot.errors import SourceUnavailable
from bot.issuance.record import Badge, BadgeState, Completion
from bot.issuance.store import badges, completions, write_badges, write_completions
from bot.outbox.message import OutgoingMail
from bot.outbox.store import outbox
from bot.settings import Settings
from tests.conftest import SECRET

WEDNESDAY = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.timezone.utc)
COMPLETED = datetime.date(2026, 11, 23)  # so that the last expected day is 7 December
LAST_DAY = datetime.date(2026, 12, 7)
JANE, JOHN = "jane@example.com", "john@example.com"
HOUR = datetime.timedelta(hours=1)


class SetClock:
    """Shows what it is set to."""

    def __init__(self):
        self.at = WEDNESDAY

    def __call__(self):
        return self.at

    def go(self, **time):
        self.at += datetime.timedelta(**time)


class Away:
    """A source that is down."""

    def badges(self, addresses):
        raise SourceUnavailable("down")

    completions = badges


@pytest.fixture()
def clock():
    return SetClock()


@pytest.fixture()
def build(database_url, clock):
    """Builds the services as a process of its own would; all on one database."""
    built = []

    def build():
        settings = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "SITE_URL": "https://help.example.com"}
        built.append(bootstrap.build(Settings.load(settings), clock))
        return built[-1]

    yield build
    for services in built:
        services.database.engine.dispose()


@pytest.fixture()
def services(build):
    """Jane's Level 2 is on its way, told to the conversation c1; a badge of somebody else is known."""
    built = build()
    built.store.create("c1", "site", WEDNESDAY)
    complete(built, JANE, "Level 2", completed_on=COMPLETED)
    issue(built, "other@example.com", "Level 1", BadgeState.ACCEPTED)
    return built


@pytest.fixture()
def watching(services):
    return services.watching


def complete(services, email, title, percent=100, result="", completed_on=None):
    line = Completion(email, services.catalogue.key(title), title, percent, completed_on, result)
    with services.database.transaction() as connection:
        same = (completions.c.email == email) & (completions.c.credential == line.credential)
        connection.execute(completions.delete().where(same))
        write_completions(connection, [line])


def issue(services, email, title, state=BadgeState.PENDING, url=""):
    with services.database.transaction() as connection:
        write_badges(
            connection,
            [
                Badge(
                    id=f"{email} {title}",
                    email=email,
                    credential=services.catalogue.key(title),
                    title=title,
                    state=state,
                    issued_on=services.issuance.today(),
                    url=url,
                )
            ],
        )


def forget_completions(services, email):
    with services.database.transaction() as connection:
        connection.execute(completions.delete().where(completions.c.email == email))


def forget_badges(services):
    with services.database.transaction() as connection:
        connection.execute(badges.delete())


def mails(services):
    """What has been put into the outbox, oldest first."""
    with services.database.transaction() as connection:
        payloads = connection.execute(sql.select(outbox.c.payload).order_by(outbox.c.created_at)).scalars().all()
    return [OutgoingMail.from_json(payload) for payload in payloads]


def said(services, conversation_id="c1"):
    return [(one.role, one.utterance, one.text) for one in services.store.all(conversation_id)]


def stop_link(mail):
    """The path of the link to stop in a mail."""
    (line,) = (line for line in mail.text.splitlines() if "/watches/stop/" in line)
    return line.removeprefix("https://help.example.com")
