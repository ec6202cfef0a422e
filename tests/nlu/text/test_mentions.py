"""Who is spoken of: the writer, another person, or people of the team."""

import pytest

from bot.nlu.text import mentions


@pytest.mark.parametrize(
    "text",
    [
        "Customer of mine can't see her badge, can you look up pia@example.net?",
        "need to verify a candidate: alex@example.com certified associate y/n",
        "for now it's just my employee Anna: anna@example.com",
        "what about our new hire, tom@example.com",
        "check his record please, tom@example.com",
        "can u look for my buddy too, hes at jonas@example.com",
    ],
)
def test_an_address_beside_these_is_anothers(text):
    assert mentions.anothers(text)


@pytest.mark.parametrize(
    "text",
    [
        "my boss wants to know whether I passed, kim@example.com",
        "please look for my badge, a colleague has hers already. kim@example.com",
        "kim@example.com, my own this time",
        "status of my exam? kim@example.com",
        "a client says the link to my Associate is dead, what's up: kim@example.com",
        "kim@example.com",
    ],
)
def test_an_address_beside_these_is_ones_own(text):
    assert not mentions.anothers(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fine, take it up with your people", True),
        ("give this to whoever knows", True),
        ("is there someone I can talk to", True),
        ("people can see it on linkedin", False),
        ("take it off my profile", False),
        ("how would a recruiter tell them apart", False),
    ],
)
def test_people_to_talk_to_are_the_team(text, names):
    assert mentions.team(text) is names


@pytest.mark.parametrize("piece", ["my ", "a customer of ", "his ", "take it "])
def test_long_messages_are_read_in_no_time_to_speak_of(piece):
    for look in (mentions.team, mentions.anothers, mentions.own, mentions.somebody_else):
        assert look(piece * 5000) in (True, False)
