import datetime
import json
import subprocess
import sys
import threading
from collections import Counter

import pytest

from bot.database import Database
from bot.identity.proof import CodeRequested, Locked, Proven, TooManyCodes, WrongCode
from bot.identity.service import Identity
from tests.identity.conftest import ALICE, BOB, SECRET

AT_ONCE = 4
PROCESS = """
import datetime, json, sys
from bot.database import Database
from bot.identity.service import Identity
url, secret, now, calls = json.loads(sys.stdin.readline())
now = datetime.datetime.fromisoformat(now)
identity = Identity(Database(url), secret, lambda *mail: None, lambda: now,
                    proof_lifetime=datetime.timedelta(hours=1))
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([type(getattr(identity, name)(*given)).__name__ for name, *given in calls]))
"""


def in_processes(database_url, clock, calls_of_each):
    """Make the calls of each list in a process of its own, all at once; returns how often each answer came."""
    command, pipe = [sys.executable, "-W", "ignore", "-c", PROCESS], subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in calls_of_each]
    for process, calls in zip(started, calls_of_each):
        process.stdin.write(json.dumps([database_url, SECRET, clock.now.isoformat(), calls]) + "\n")
        process.stdin.flush()
    assert [process.stdout.readline() for process in started] == ["ready\n"] * len(started)
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in started]
    return Counter(name for names in answers for name in names)


def in_threads(actions):
    """Do everything at once; returns the answers."""
    barrier, answers = threading.Barrier(len(actions)), []

    def run(action):
        barrier.wait()
        answers.append(action())

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == len(actions), "an action failed"
    return answers


def test_a_day_of_guessing_at_one_address_compares_ten_codes_an_hour_and_twenty_in_all(identity, mailbox, clock):
    compared, started, conversation = [], clock.now, 0
    while clock.now < started + datetime.timedelta(days=1):
        conversation += 1
        if isinstance(identity.request_code(f"c{conversation}", ALICE, "site"), CodeRequested):
            for n in range(6):
                answer = identity.check_code(f"c{conversation}", mailbox.wrong(n))
                waits = isinstance(answer, Locked) or answer == WrongCode(0) and n == 5
                compared += [] if waits else [clock.now]
        clock.advance(minutes=7)
    hour = datetime.timedelta(hours=1)
    assert len(compared) == 20
    assert max(sum(start <= moment < start + hour for moment in compared) for start in compared) == 10


def test_a_locked_address_refuses_even_the_right_code_and_says_for_how_long(identity, mailbox, clock):
    for name in ("c1", "c2"):
        identity.request_code(name, ALICE, "site")
        for n in range(5):
            assert isinstance(identity.check_code(name, mailbox.wrong(n)), WrongCode)
        clock.advance(minutes=1)
    assert identity.request_code("c3", ALICE, "site") == TooManyCodes(3600 - 120)
    assert len(mailbox.mails) == 2
    assert isinstance(identity.request_code("c3", BOB, "site"), CodeRequested)
    assert identity.check_code("c3", mailbox.code()) == Proven(BOB)


def test_a_code_sent_before_the_lock_is_not_compared_during_it(identity, mailbox, clock):
    for name in ("c1", "c2", "c3"):
        identity.request_code(name, ALICE, "site")
    for name in ("c1", "c2"):
        for n in range(5):
            identity.check_code(name, mailbox.wrong(n))
    assert identity.check_code("c3", mailbox.code()) == Locked(3600)
    assert identity.proven("c3") == []


def test_right_codes_are_not_counted_as_wrong_ones(identity, mailbox, clock):
    for n in range(12):
        assert isinstance(identity.request_code(f"c{n}", ALICE, "site"), CodeRequested)
        assert identity.check_code(f"c{n}", mailbox.code()) == Proven(ALICE)
        clock.advance(minutes=13)


def test_a_right_code_does_not_give_a_guesser_his_tries_back(identity, mailbox, clock):
    for name in ("c1", "c2"):
        identity.request_code(name, ALICE, "site")
        for n in range(4):
            identity.check_code(name, mailbox.wrong(n))
        assert identity.check_code(name, mailbox.code()) == Proven(ALICE)
    identity.request_code("c3", ALICE, "site")
    assert [type(identity.check_code("c3", mailbox.wrong(n))) for n in range(3)] == [WrongCode, WrongCode, Locked]


def test_guesses_of_many_threads_at_one_code_stop_at_five(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    answers = in_threads([lambda n=n: identity.check_code("c1", mailbox.wrong(n)) for n in range(8)])
    assert sorted(answer.tries_left for answer in answers) == [0, 0, 0, 0, 1, 2, 3, 4]
    assert identity.check_code("c1", mailbox.code()) == WrongCode(0)


def test_threads_that_bring_the_right_code_together_prove_it_once(identity, mailbox):
    identity.request_code("c1", ALICE, "site")
    answers = in_threads([lambda: identity.check_code("c1", mailbox.code())] * 6)
    assert Counter(type(answer).__name__ for answer in answers) == {"Proven": 1, "NoCode": 5}


@pytest.mark.parametrize("conversations", [["c1"] * 8, [f"c{n}" for n in range(8)]], ids=["one", "many"])
def test_threads_that_ask_together_get_no_more_codes_than_one_that_waits(identity, mailbox, conversations):
    answers = in_threads([lambda c=c: identity.request_code(c, ALICE, "site") for c in conversations])
    allowed = 5 if len(set(conversations)) > 1 else 1
    assert sum(isinstance(answer, CodeRequested) for answer in answers) == len(mailbox.mails) == allowed


def test_processes_that_guess_together_in_many_conversations_share_ten_tries(database_url, identity, mailbox, clock):
    for n in range(AT_ONCE):
        identity.request_code(f"c{n}", ALICE, "site")
    guesses = [[["check_code", f"c{n}", mailbox.wrong(k)] for k in range(5)] for n in range(AT_ONCE)]
    assert in_processes(database_url, clock, guesses) == {"WrongCode": 10, "Locked": 5 * AT_ONCE - 10}


def test_processes_that_ask_together_share_the_codes_of_an_address(database_url, identity, clock):
    requests = [[["request_code", f"c{n}{k}", ALICE, "site"] for k in range(4)] for n in range(AT_ONCE)]
    assert in_processes(database_url, clock, requests) == {"CodeRequested": 5, "TooManyCodes": 4 * AT_ONCE - 5}


def test_processes_that_bring_the_right_code_together_prove_it_once(database_url, identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    tries = [[["check_code", "c1", mailbox.code()]]] * AT_ONCE
    assert in_processes(database_url, clock, tries) == {"Proven": 1, "NoCode": AT_ONCE - 1}


def test_two_conversations_that_swap_addresses_at_once_do_not_block_each_other(identity, mailbox):
    pairs = [(f"c{n}", address) for n in range(2) for address in (ALICE, BOB)] * 2
    answers = in_threads([lambda pair=pair: identity.request_code(*pair, "site") for pair in pairs])
    assert sum(isinstance(answer, CodeRequested) for answer in answers) == 4


def test_another_replica_with_the_same_key_checks_the_code(database_url, identity, mailbox, clock):
    identity.request_code("c1", ALICE, "site")
    other = Identity(Database(database_url), SECRET, mailbox, clock, proof_lifetime=datetime.timedelta(hours=1))
    assert other.check_code("c1", mailbox.code()) == Proven(ALICE)
    assert identity.proven("c1") == [ALICE]
    other._database.engine.dispose()
