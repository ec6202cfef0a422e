"""Long messages are kept one by one, when no short one is at work; short ones beside each other."""

import threading

from bot.conversations.admission import Admission
from bot.conversations.message import UserInput
from bot.conversations.service import Conversations
from bot.conversations.turns import Answered, Waiting

LONG, SHORT = "a" * 2000, "what is credly"
DEADLINE = 60.0  # seconds, for what must not hang


class Turns:
    """Keeps each message in hand until it is let go."""

    def __init__(self):
        self.taken, self.let_go = threading.Semaphore(0), threading.Semaphore(0)

    def accept(self, conversation_id, said, offered):
        self.taken.release()
        assert self.let_go.acquire(timeout=DEADLINE)
        return Waiting(1, 0), Answered()


class Nothing:
    """A store without messages."""

    def all(self, conversation_id):
        return []


class Site:
    """What comes in at one process."""

    def __init__(self):
        self.turns, self.admission, self.threads = Turns(), Admission(), []
        self.conversations = Conversations(Nothing(), self.turns, None, dict, None, self.admission)

    def say(self, text):
        thread = threading.Thread(target=self.conversations.say, args=("c1", UserInput(text)), daemon=True)
        thread.start()
        self.threads.append(thread)

    def takes_another(self, seconds=DEADLINE):
        return self.turns.taken.acquire(timeout=seconds)

    def all_end(self):
        for _ in self.threads:
            self.turns.let_go.release()
        for one in self.threads:
            one.join(DEADLINE)
        return not any(one.is_alive() for one in self.threads)


def test_long_messages_are_kept_one_by_one_and_short_ones_at_once():
    site = Site()
    for _ in range(3):
        site.say(LONG)
    assert site.takes_another() and not site.takes_another(0.1)
    site.say(SHORT)
    assert site.takes_another()
    assert site.all_end()


def test_a_long_message_is_kept_when_the_assistant_has_answered_the_short_ones():
    site = Site()
    with site.admission.admitted(len(SHORT)):
        site.say(LONG)
        assert not site.takes_another(0.1)
    assert site.takes_another()
    assert site.all_end()


def test_nobody_waits_long_to_be_kept(monkeypatch):
    monkeypatch.setattr("bot.conversations.admission.LONGEST_FOR_SHORT", 0.05)
    site = Site()
    with site.admission.admitted(len(SHORT)):
        for _ in range(2):
            site.say(LONG)
        assert site.takes_another() and site.takes_another()
        assert site.all_end()


def test_those_that_are_too_many_to_wait_hold_no_thread(monkeypatch):
    monkeypatch.setattr("bot.conversations.admission.MOST_WAITING", 0)
    site = Site()
    with site.admission.admitted(len(SHORT)):
        for _ in range(2):
            site.say(LONG)
        assert site.takes_another(1.0) and site.takes_another(1.0)
    assert site.all_end()
