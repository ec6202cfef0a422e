from cachetools import TTLCache

from bot.errors import DeliveryFailed
from bot.slack.directory import SECONDS, Directory, Standing

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
    people._people = TTLCache(10, SECONDS, timer=lambda: now[0])
    for moment in (0.0, SECONDS - 1, SECONDS + 1, SECONDS + 2):
        now[0] = moment
        assert people.person("U1").address == "ann@example.com"
    assert api.asked == ["users.info"] * 2
    people.person("U2")
    assert api.asked == ["users.info"] * 3


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
