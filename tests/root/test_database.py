import datetime
import os
import socket
import threading
import time

import pytest
import sqlalchemy as sql

from bot.database import PATIENT, Database, Moment, WriteQueue

UTC = datetime.timezone.utc
NOON = datetime.datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
moments = sql.Table("some_moments", sql.MetaData(), sql.Column("number", sql.Integer), sql.Column("at", Moment))


@pytest.fixture
def connection(database):
    moments.create(database.engine)
    with database.transaction() as connection:
        yield connection


def keep(connection, *values):
    connection.execute(moments.insert(), [{"number": number, "at": value} for number, value in enumerate(values)])


def test_a_moment_comes_back_in_utc_whatever_its_time_zone_was(connection):
    summer = datetime.timezone(datetime.timedelta(hours=2))
    keep(connection, NOON, NOON.astimezone(summer), None)
    found = connection.execute(sql.select(moments.c.at).order_by(moments.c.number)).scalars().all()
    assert found == [NOON, NOON, None]
    assert [moment.utcoffset() for moment in found[:2]] == [datetime.timedelta(0)] * 2


def test_a_moment_is_stored_as_utc_without_its_time_zone(connection):
    keep(connection, NOON)
    kept = connection.execute(sql.text("SELECT CAST(at AS VARCHAR(40)) FROM some_moments")).scalar()
    assert kept == "2026-03-02 12:00:00.123456"


def test_a_moment_without_a_time_zone_is_refused(connection):
    with pytest.raises(sql.exc.StatementError, match="needs its time zone"):
        keep(connection, NOON.replace(tzinfo=None))


def test_moments_can_be_compared_and_the_first_be_asked_for(connection):
    later = NOON + datetime.timedelta(minutes=1)
    keep(connection, later, NOON)
    assert connection.execute(sql.select(sql.func.min(moments.c.at))).scalar() == NOON
    assert connection.execute(sql.select(moments.c.at).where(moments.c.at > NOON)).scalars().all() == [later]


def test_writers_to_a_sqlite_file_go_in_the_order_in_which_they_came(tmp_path, monkeypatch):
    queues, enter = set(), WriteQueue.enter
    monkeypatch.setattr(WriteQueue, "enter", lambda queue, writer: (queues.add(queue), enter(queue, writer))[1])
    monkeypatch.setattr("bot.database.BUSY_SECONDS", 60.0)
    database, order, threads = Database(f"sqlite:///{tmp_path}/some.db"), [], []
    moments.create(database.engine)

    def waiting():
        (queue,) = queues
        return len(queue._waiting)

    def write(number):
        with database.transaction() as connection:
            connection.execute(moments.insert(), {"number": number})
            order.append(number)
            time.sleep(0.02)  # while the others wait

    with database.transaction() as connection:
        connection.execute(moments.insert(), {"number": -1})
        for number in range(12):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            while waiting() <= number:  # in the queue, before the next one comes
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join()
    with database.transaction() as connection:
        kept = connection.execute(sql.select(moments.c.number)).scalars().all()
    assert order == list(range(12)) and sorted(kept) == list(range(-1, 12))
    database.engine.dispose()


def test_who_only_reads_waits_for_no_writer(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/some.db")
    moments.create(database.engine)
    with database.transaction() as writing, database.transaction() as reading:
        writing.execute(moments.insert(), {"number": 1})
        assert reading.execute(sql.select(moments.c.number)).all() == []
    database.engine.dispose()


def test_a_writer_that_fails_lets_the_next_one_in(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/some.db")
    moments.create(database.engine)
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute(moments.insert(), {"number": 1})
        raise ZeroDivisionError
    began = time.monotonic()
    with database.transaction() as connection:
        connection.execute(moments.insert(), {"number": 2})
    assert time.monotonic() - began < 3  # not the five seconds of one who waits in vain
    database.engine.dispose()


def test_nobody_waits_for_ever_for_a_writer_that_does_not_leave():
    queue = WriteQueue(seconds=0.5)
    queue.enter("the one that stays")
    began = time.monotonic()
    queue.enter("who waited in vain")  # and goes on, to the lock of SQLite itself
    waited = time.monotonic() - began
    queue.leave("who waited in vain")  # it never was its turn
    queue.leave("the one that stays")
    queue._seconds = 60.0
    queue.enter("the next")
    assert waited >= 0.5 and time.monotonic() - began - waited < 30


def test_a_server_that_takes_a_connection_and_says_nothing_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/none?connect_timeout=2")
        began = time.monotonic()
        with pytest.raises(sql.exc.OperationalError), database.transaction():
            pass
        assert time.monotonic() - began < 20
        assert PATIENT["connect_timeout"] <= 5


def test_what_an_address_says_of_time_outs_counts(postgres):
    url = postgres.empty()
    database, patient = Database(f"{url}?keepalives_idle=77"), Database(url)
    for one, idle in ((database, 77), (patient, PATIENT["keepalives_idle"])):
        with one.engine.connect() as connection:
            raw = socket.socket(fileno=os.dup(connection.connection.dbapi_connection.fileno()))
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == idle
            assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == PATIENT["tcp_user_timeout"]
            raw.close()
        one.engine.dispose()
    postgres.drop(url)
