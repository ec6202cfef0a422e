"""Conversations of single features from beginning to end, through the site's API, understood by the trained model."""

from pathlib import Path

import pytest

from bot.evaluation.conversations import load
from tests.conftest import need

FILES = [Path("tests/tickets/conversations.yml"), Path("tests/watching/conversations.yml")]
CONVERSATIONS = {one["id"]: one for file in FILES for one in load(file)}


@pytest.fixture(scope="module")
def playing():
    archives = sorted(Path("models").glob("*.tar.gz"))
    need(bool(archives), "a trained model")
    from bot.evaluation.player import player

    with player(archives[-1]) as found:
        yield found


def test_no_conversation_hides_another():
    assert len(CONVERSATIONS) == sum(len(load(file)) for file in FILES)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_ends_as_it_should(playing, name):
    played = playing.play(CONVERSATIONS[name])
    assert [problem for turn in played.turns for problem in turn.problems] == []
    assert played.problems == ()
