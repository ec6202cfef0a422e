"""Who somebody in Slack is, by the workspace's own word: their standing, their address, whether they are staff."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Any

from cachetools import TTLCache, cachedmethod

from bot.errors import DeliveryFailed
from bot.slack.web import SlackApi

DIRECTORY_SECONDS = 300.0  # for how long an answer is believed
MOST = 10_000  # answers kept
log = logging.getLogger(__name__)


class Standing(str, Enum):
    """What somebody is in our workspace; each but MEMBER is a reason to refuse, named in data/slack.yml."""

    MEMBER = "member"
    GUEST = "guest"
    FOREIGN = "foreign"  # of another workspace
    NO_PERSON = "no_person"  # a bot, or somebody who has left
    UNCONFIRMED = "unconfirmed"  # no e-mail address, or one that nobody has confirmed
    UNKNOWN = "unknown"  # Slack did not tell


@dataclass(frozen=True)
class Person:
    """Somebody in Slack; the address is the workspace's, "" unless a MEMBER."""

    user: str
    standing: Standing
    address: str = field(default="", repr=False)


class Directory:
    """Asks Slack about people and believes the answer for some minutes; what it does not tell counts as no."""

    def __init__(self, api: SlackApi, is_staff: Callable[[str], bool], usergroup: str = "") -> None:
        """Put the parts together.

        Args:
            api: asks Slack.
            is_staff: whether an address is on the staff list.
            usergroup: id of a user group whose members are staff as well, "" if none.
        """
        self._api, self._is_staff, self._usergroup = api, is_staff, usergroup
        self._people: TTLCache[Any, Person] = TTLCache(MOST, DIRECTORY_SECONDS)
        self._groups: TTLCache[Any, frozenset[str]] = TTLCache(MOST, DIRECTORY_SECONDS)
        self._guard = threading.Lock()

    def person(self, user: str) -> Person:
        """Who it is; UNKNOWN when Slack cannot be asked."""
        try:
            return self._look_up(user)
        except DeliveryFailed as error:
            log.warning("Slack does not say who somebody is: %s", error)
            return Person(user, Standing.UNKNOWN)

    def is_staff(self, person: Person) -> bool:
        """Whether a person may look up others: a member on the staff list or in the user group."""
        if person.standing is not Standing.MEMBER:
            return False
        return self._is_staff(person.address) or self.in_usergroup(person)

    def in_usergroup(self, person: Person) -> bool:
        """Whether a member is in the staff's user group; no when Slack cannot be asked."""
        if not self._usergroup or person.standing is not Standing.MEMBER:
            return False
        try:
            return person.user in self._members()
        except DeliveryFailed as error:
            log.warning("Slack does not say who is in STAFF_SLACK_USERGROUP: %s", error)
            return False

    @cachedmethod(attrgetter("_groups"), lock=attrgetter("_guard"))
    def _members(self) -> frozenset[str]:
        return frozenset(self._api.ask("usergroups.users.list", usergroup=self._usergroup).get("users") or ())

    @cachedmethod(attrgetter("_people"), lock=attrgetter("_guard"))
    def _look_up(self, user: str) -> Person:
        found = self._api.ask("users.info", user=user).get("user") or {}
        standing = standing_of(found, str(self._api.team().get("team_id") or ""))
        address = str((found.get("profile") or {}).get("email") or "")
        return Person(user, standing, address if standing is Standing.MEMBER else "")


def standing_of(user: dict[str, Any], team: str) -> Standing:
    """What a user object of Slack's says (https://docs.slack.dev/reference/objects/user-object); doubt is no.

    Args:
        user: as users.info answers.
        team: id of our workspace.
    """
    teams = (user.get("enterprise_user") or {}).get("teams") or ()
    if not team or user.get("is_stranger") or (user.get("team_id") != team and team not in teams):
        return Standing.FOREIGN
    if user.get("deleted") is not False or user.get("is_bot") is not False or user.get("is_workflow_bot"):
        return Standing.NO_PERSON
    if user.get("is_restricted") is not False or user.get("is_ultra_restricted") is not False:
        return Standing.GUEST
    confirmed = user.get("is_email_confirmed") is True and not user.get("is_invited_user")
    return Standing.MEMBER if confirmed and (user.get("profile") or {}).get("email") else Standing.UNCONFIRMED
