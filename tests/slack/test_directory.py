"""What Slack said about somebody is believed for five minutes, no longer: rights that are taken away end."""

import pytest

from bot.errors import DeliveryFailed
from bot.slack.directory import Directory, Person, Remembered, Standing


class Clock:
    """Seconds, as the test sets them."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture()
def clock():
    return Clock()


@pytest.mark.parametrize(("seconds", "answer"), [(0, "staff"), (299, "staff"), (300, "left"), (100_000, "left")])
def test_an_answer_is_believed_for_five_minutes(clock, seconds, answer):
    remembered = Remembered(clock=clock)
    assert remembered.get("U1", lambda: "staff") == "staff"
    clock.now += seconds
    assert remembered.get("U1", lambda: "left") == answer


def test_an_answer_is_about_one_person_only(clock):
    remembered = Remembered(clock=clock)
    remembered.get("U1", lambda: "staff")
    assert remembered.get("U2", lambda: "guest") == "guest"


def test_a_failure_is_not_remembered_and_an_old_answer_does_not_stand_in_for_it(clock):
    def fails():
        raise DeliveryFailed("down")

    remembered = Remembered(clock=clock)
    remembered.get("U1", lambda: "staff")
    clock.now += 301
    with pytest.raises(DeliveryFailed):
        remembered.get("U1", fails)
    assert remembered.get("U1", lambda: "left") == "left"


class Group:
    """Slack, where everybody who is asked about is in the staff's user group."""

    def ask(self, method, usergroup):
        return {"users": ["U1"]}


@pytest.mark.parametrize("standing", list(Standing))
def test_only_members_are_staff_even_if_the_user_group_holds_others(standing):
    directory = Directory(Group(), lambda address: True, "S0STAFF")
    person = Person("U1", standing, "sam@example.com")
    assert directory.in_usergroup(person) is directory.is_staff(person) is (standing is Standing.MEMBER)
