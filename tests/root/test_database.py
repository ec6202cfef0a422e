import datetime

import pytest
import sqlalchemy as sql

from bot.database import Moment

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
