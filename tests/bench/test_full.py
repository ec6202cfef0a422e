"""What a full database is measured with: no page and no route is forgotten, and the rows are what they should be."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sql

import bot.clock
from bench.full import SECRET_OF_BENCH, _site
from bench.full_data import A_PAGE, STAFF_ADDRESSES, FullSize, fill
from bench.full_pages import unasked
from bot.conversations.store import conversations, messages
from bot.database import Database, tracker_url
from bot.retention.tracker_events import tracker_rows
from bot.tickets.store import tickets
from bot.tickets.ticket import TicketFilter
from tests.servers.rasa import RasaServer

SIZE = FullSize(1_000, 150, 100, 60)


@pytest.fixture()
def filled(empty_database_url, monkeypatch):
    given = {"SITE_SECRET_KEY": SECRET_OF_BENCH, "STAFF_EMAILS": ",".join(STAFF_ADDRESSES)}
    for name, value in {**given, "AUDITOR_EMAILS": STAFF_ADDRESSES[0]}.items():
        monkeypatch.setitem(os.environ, name, value)
    Database(empty_database_url).create_schema()
    fill(empty_database_url, SIZE, bot.clock.now())
    return empty_database_url


def count(url, table, *which):
    database = Database(url)
    with database.transaction() as connection:
        found = connection.execute(sql.select(sql.func.count()).select_from(table).where(*which)).scalar()
    database.engine.dispose()
    return found


def test_there_is_as_much_as_was_asked_for_and_new_rows_go_on_from_there(filled, tmp_path, monkeypatch):
    assert [count(filled, one) for one in (messages, conversations, tickets)] == [1_000, 150, 100]
    assert count(filled, tickets, tickets.c.state != "resolved") == pytest.approx(60, abs=15)
    assert count(tracker_url(filled), tracker_rows) == 1_000
    for name in ("data", "domain.yml", "config.yml"):
        (tmp_path / name).symlink_to(Path(name).resolve())
    monkeypatch.chdir(tmp_path)
    rasa = RasaServer(SECRET_OF_BENCH)
    site = _site(filled, rasa.url, SIZE)
    try:
        names = [name for name, _ in site.asked()]
        assert unasked(site.app, names) == []
        assert unasked(site.app, [name for name in names if "/console/mails" not in name]) == [
            "/console/mails",
            "/console/mails/<int(max=2147483647):number>",
            "/console/mails/<int(max=2147483647):number>/original",
        ]
        assert site.services.tickets.find(TicketFilter(text="Müller"))[1] == A_PAGE
        assert site.browser.post("/api/tickets", json={"email": "a@example.com", "about": "x"}).status_code == 201
    finally:
        rasa.close()
        site.services.database.engine.dispose()
