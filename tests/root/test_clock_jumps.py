"""A clock that jumps ahead by an hour or two days and comes back: nobody waits for days, and nothing is deleted.

Also two machines whose clocks differ by some seconds.
"""

import datetime
import itertools
import logging
import time

import itsdangerous.timed
import jwt
import pytest
from flask import session

import bot.tokens
from bot import worker
from bot.clock import SKEW, Steadiness, is_held
from bot.conversations.message import UserInput
from bot.conversations.store import ConversationStore
from bot.conversations.turns import Answered, Turns
from bot.errors import InvalidToken
from bot.identity.proof import CodeRequested, TooManyCodes
from bot.identity.service import Identity
from bot.outbox.delivery import FURTHEST_DUE
from bot.outbox.message import OutgoingMail
from bot.outbox.store import OutboxStore
from bot.site import guard
from bot.site.errors import Refused
from bot.site.limits import Limiter
from bot.slack.store import EventStore
from tests.conftest import SECRET
from tests.servers.redis import RedisServer

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.timezone.utc)
JUMPS = [datetime.timedelta(hours=1), datetime.timedelta(days=2)]
LEASE = datetime.timedelta(minutes=3)


class Clock:
    """Stands where the test sets it; so do the seconds that nobody can set."""

    def __init__(self):
        self.now, self.elapsed = NOON, 0.0

    def __call__(self):
        return self.now

    def passes(self, seconds):
        self.now += datetime.timedelta(seconds=seconds)
        self.elapsed += seconds


@pytest.fixture()
def clock():
    return Clock()


@pytest.mark.parametrize(
    ("ahead", "held"), [(0, False), (29, True), (31, True), (89, True), (91, False), (-1, False), (172800, False)]
)
def test_a_lease_that_ends_later_than_any_can_was_taken_by_a_clock_that_was_wrong(ahead, held):
    until = NOON + datetime.timedelta(seconds=ahead)
    assert is_held(until, NOON, datetime.timedelta(seconds=30)) is held
    assert not is_held(None, NOON, LEASE)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_conversation_whose_turn_was_taken_by_a_clock_ahead_goes_on(database, clock, jump):
    ConversationStore(database).create("c1", "site", NOON)
    turns = Turns(database, clock)
    asked = "c1", UserInput("where is my badge?", client_id="1"), lambda before: {}
    clock.now += jump
    turns.accept(*asked)  # whoever answers dies meanwhile
    waiting, turn = turns.accept(*asked)
    assert turn is None and turns.look("c1", waiting) == "busy"
    clock.now -= jump
    assert turns.look("c1", waiting) == "free"
    waiting, turn = turns.accept(*asked)
    assert turn.said.text == "where is my badge?" and turns.end(turn, [])
    assert isinstance(turns.proceed("c1", waiting.number), Answered)


def test_two_machines_whose_clocks_differ_by_seconds_do_not_answer_the_same_message(database, clock):
    ConversationStore(database).create("c1", "site", NOON)
    ahead = Turns(database, lambda: clock() + datetime.timedelta(seconds=20))
    waiting, _ = ahead.accept("c1", UserInput("where is my badge?"), lambda before: {})
    assert Turns(database, clock).look("c1", waiting) == "busy"


@pytest.mark.parametrize("jump", JUMPS)
def test_letters_that_a_clock_ahead_has_added_or_leased_are_sent_at_once(database, clock, jump):
    store, kinds = OutboxStore(database), ["mail"]
    clock.now += jump
    ids = [add(database, store, clock()) for _ in range(2)]
    [leased] = store.claim(clock(), "worker that dies", 1, LEASE, kinds)
    clock.now -= jump
    assert store.next_due(clock(), kinds) == clock()
    assert {letter.id for letter in store.claim(clock(), "another", 10, LEASE, kinds)} == set(ids)
    assert leased.id in ids


def test_a_letter_that_is_tried_again_later_is_not_taken_for_one_of_a_clock_ahead(database, clock):
    store = OutboxStore(database)
    add(database, store, clock())
    [letter] = store.claim(clock(), "worker", 1, LEASE, ["mail"])
    store.failed(letter, "worker", clock() + FURTHEST_DUE, "later")
    assert store.claim(clock(), "worker", 1, LEASE, ["mail"]) == []
    assert store.next_due(clock(), ["mail"]) == clock() + FURTHEST_DUE


def add(database, store, now):
    with database.transaction() as connection:
        return store.add(connection, OutgoingMail("alice@example.com", "Hello", "Words\n", ""), now)


@pytest.mark.parametrize("jump", JUMPS)
def test_an_event_of_slack_held_by_a_clock_ahead_is_taken_over(database, clock, jump):
    store, hold = EventStore(database), datetime.timedelta(seconds=30)
    store.keep("e1", "{}", "process that dies", clock() + jump, hold)
    assert [event.id for event in store.take_over("another", clock(), hold, 10)] == ["e1"]


@pytest.mark.parametrize("jump", JUMPS)
def test_codes_of_a_clock_ahead_do_not_use_up_the_limit(database, clock, jump):
    identity = Identity(database, SECRET, lambda *sent: None, clock, proof_lifetime=datetime.timedelta(minutes=30))
    clock.now += jump
    for _ in range(5):
        assert isinstance(identity.request_code("c1", "alice@example.com", "site"), CodeRequested)
        clock.passes(31)
    assert isinstance(identity.request_code("c1", "alice@example.com", "site"), TooManyCodes)
    clock.now -= jump
    assert isinstance(identity.request_code("c1", "alice@example.com", "site"), CodeRequested)
    assert identity.request_code("c1", "alice@example.com", "site").retry_after <= 30


def test_what_another_machine_counts_some_seconds_ahead_counts(database, clock):
    def identity(time):
        return Identity(database, SECRET, lambda *sent: None, time, proof_lifetime=datetime.timedelta(minutes=30))

    identity(lambda: clock() + datetime.timedelta(seconds=20)).request_code("c1", "alice@example.com", "site")
    assert isinstance(identity(clock).request_code("c1", "alice@example.com", "site"), TooManyCodes)


@pytest.fixture(params=["memory", "redis"])
def counted_in(request, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.site.limits.REDIS_SECONDS", 60.0)  # other work keeps it from its answer, for a moment
    if request.param == "memory":
        yield ""
        return
    server = RedisServer(tmp_path)
    yield server.url
    server.stop()


def test_a_clock_that_comes_back_does_not_keep_everybody_out_for_days(counted_in, monkeypatch):
    limiter, now = Limiter(counted_in, {"calls": "3/minute"}), time.time
    if counted_in:  # its own clock was ahead as well: what it keeps for a minute would stay for two days
        keep = limiter._redis.lua_incr_expire
        monkeypatch.setattr(limiter._redis, "lua_incr_expire", lambda keys, args: keep(keys, [2 * 86400, *args[1:]]))
    else:
        monkeypatch.setattr(time, "time", lambda: now() + 2 * 86400)
    for _ in range(3):
        limiter.check("calls", "jane")
    monkeypatch.undo()
    limiter.check("calls", "jane")
    for _ in range(2):
        limiter.check("calls", "jane")
    with pytest.raises(Refused) as refused:
        limiter.check("calls", "jane")
        limiter.check("calls", "jane")
    assert refused.value.retry_after <= 60


@pytest.mark.parametrize("seconds", [1, 3600, 2 * 86400])
def test_who_got_a_conversation_or_signed_in_while_the_clock_was_ahead_keeps_it(app, monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: now() + seconds)
    with app.app_context():
        token = guard.token("c1")
    cookie = guard.Sessions().get_signing_serializer(app).dumps({"staff": "anna"})
    monkeypatch.undo()
    with app.app_context():
        assert guard.conversation_of(token) == "c1"
    with app.test_request_context(headers={"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}"}):
        assert session["staff"] == "anna"


@pytest.mark.parametrize(("days", "good"), [(29.9, True), (30.1, False)])
def test_a_conversation_of_a_month_ago_is_not_opened_by_its_token(app, monkeypatch, days, good):
    now = time.time
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: now() - days * 86400)
    with app.app_context():
        token = guard.token("c1")
        monkeypatch.undo()
        if good:
            assert guard.conversation_of(token) == "c1"
        else:
            with pytest.raises(Refused):
                guard.conversation_of(token)


def test_a_signature_that_was_changed_is_still_refused(app):
    with app.app_context(), pytest.raises(Refused):
        guard.conversation_of(guard.token("c1")[:-2] + "xx")


@pytest.mark.parametrize(("seconds", "good"), [(-55, True), (55, True), (-130, False), (70, False)])
def test_rasa_takes_messages_of_a_site_whose_clock_differs_by_less_than_a_minute(monkeypatch, seconds, good):
    now = time.time
    monkeypatch.setattr(bot.tokens.time, "time", lambda: now() + seconds)
    token = bot.tokens.sign_message_token(SECRET, "c1", "site")
    monkeypatch.undo()
    if good:
        assert bot.tokens.verify_message_token(SECRET, token).conversation_id == "c1"
    else:
        with pytest.raises(InvalidToken):
            bot.tokens.verify_message_token(SECRET, token)
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "c1"


@pytest.mark.parametrize("jump", [*JUMPS, *(-jump for jump in JUMPS)])
def test_what_deletes_and_closes_by_age_waits_an_hour_after_a_jump(clock, caplog, jump):
    runs = itertools.count(1)
    task = worker.when_steady(
        worker.PeriodicTask("purging", lambda: float(next(runs))), Steadiness(clock, lambda: clock.elapsed)
    )
    clock.passes(3600)
    assert task.run() == 1.0
    clock.now += jump
    with caplog.at_level(logging.WARNING, "bot"):
        assert task.run() == worker.UNSETTLED_SECONDS
    assert "has jumped" in caplog.text
    clock.passes(600)
    clock.now -= jump
    for _ in range(6):
        assert task.run() == worker.UNSETTLED_SECONDS
        clock.passes(600)
    assert task.run() == 2.0


def test_a_clock_that_is_set_right_by_seconds_stops_nothing(clock):
    steadiness = Steadiness(clock, lambda: clock.elapsed)
    for _ in range(5):
        clock.passes(3600)
        clock.now += SKEW
        assert steadiness.jump() is None and steadiness.is_settled


def test_the_worker_asks_the_clock_before_whatever_goes_by_age(services):
    from bot.outbox.service import Outbox

    tasks = worker.tasks(services, Outbox(services.database, {}, services.clock), None)
    steady = {task.name for task in tasks if task.run.__qualname__.startswith("when_steady")}
    assert steady == {"reminding", "waiting", "watching", "purging", "sweeping", "tidying content"}
