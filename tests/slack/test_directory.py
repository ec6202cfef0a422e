"""What Slack said about somebody is believed for five minutes, no longer: rights that are taken away end."""

import pytest
from cachetools import TTLCache

from bot.errors import DeliveryFailed
from bot.slack.directory import DIRECTORY_SECONDS, Directory, Person, Standing

MEMBER = {
    "team_id": "T1",
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
    "is_email_confirmed": True,
    "profile": {"email": "ann@example.com"},
}


class Api:
    """Slack's Web API, counting what it is asked; `down` while it does not answer."""

    def __init__(self):
        self.asked, self.down = [], False

    def ask(self, method, **arguments):
        self.asked.append(method)
        if self.down:
            raise DeliveryFailed("away")
        return {"user": MEMBER} if method == "users.info" else {"users": ["U1"]}

    def team(self):
        return {"team_id": "T1"}


def directory(api):
    return Directory(api, lambda address: False, "S1")


def test_an_answer_is_believed_for_five_minutes_and_no_longer():
    api, now = Api(), [0.0]
    people = directory(api)
    people._people = TTLCache(10, DIRECTORY_SECONDS, timer=lambda: now[0])
    for moment in (0.0, DIRECTORY_SECONDS - 1, DIRECTORY_SECONDS + 1, DIRECTORY_SECONDS + 2):
        now[0] = moment
        assert people.person("U1").address == "ann@example.com"
    assert api.asked == ["users.info"] * 2
    api.down = True
    now[0] = DIRECTORY_SECONDS * 3  # an old answer does not stand in for one that failed
    assert people.person("U1").standing is Standing.UNKNOWN
    api.down = False
    assert people.person("U1").address == "ann@example.com"
    people.person("U2")
    assert api.asked == ["users.info"] * 5


def test_a_failure_is_not_kept():
    api = Api()
    people, api.down = directory(api), True
    assert people.person("U1").standing is Standing.UNKNOWN
    api.down = False
    person = people.person("U1")
    api.down = True
    assert not people.in_usergroup(person)
    api.down = False
    assert people.in_usergroup(person) and people.in_usergroup(person)
    assert api.asked == ["users.info"] * 2 + ["usergroups.users.list"] * 2


class Group:
    """Slack, where everybody who is asked about is in the staff's user group."""

    def ask(self, method, usergroup):
        return {"users": ["U1"]}


@pytest.mark.parametrize("standing", list(Standing))
def test_only_members_are_staff_even_if_the_user_group_holds_others(standing):
    directory = Directory(Group(), lambda address: True, "S0STAFF")
    person = Person("U1", standing, "sam@example.com")
    assert directory.in_usergroup(person) is directory.is_staff(person) is (standing is Standing.MEMBER)
