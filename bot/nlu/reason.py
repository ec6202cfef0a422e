"""Why a message was decided as it was: one name for each way through `bot/nlu/decision.py`."""

from enum import Enum


class Reason(str, Enum):
    """The rule that decided; the limits that the names stand for are fields of `Thresholds`."""

    REPLY = "reply"  # read after what stood before
    BUTTON = "button"  # the words choose one of the buttons just offered
    FOLLOW_UP = "follow_up"  # clear only when read after the question answered before
    TWO_QUESTIONS = "two_questions"  # a cut gives two different clear questions
    CLEAR = "clear"  # the best label reaches `answer`
    AHEAD = "ahead"  # the best label is `lead` before the next, from 0.8 of `answer` on
    FAMILY = "family"  # vague, but surely about one of a few that belong together
    IN_DOUBT = "in_doubt"  # no label is clear, those that come into question reach `together`
    OUTSIDE = "outside"  # out of scope reaches `decline`
    UNLIKE_ALL = "unlike_all"  # below `acceptance`: like no example at all
    NOTHING_NEAR = "nothing_near"  # what comes into question stays below `together`
