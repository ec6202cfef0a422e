"""The figures of `make faults` count what they say."""

import pytest

from bench.fault_figures import (
    NEVER,
    Asked,
    Letters,
    figures,
    filed_twice,
    is_kept,
    is_normal,
    letters,
    lost_tickets,
    middle_and_longest,
)

AWAY = "503 database_unavailable: Please try again soon."
WRONG = "500 internal_error: Something went wrong."


def test_only_those_whom_the_fault_could_reach_are_counted():
    before, across, during, after, later = (
        Asked("question", 1.0, 1.2),
        Asked("question", 9.5, 14.0),
        Asked("question", 12.0, 20.5, [AWAY, AWAY]),
        Asked("question", 20.2, 20.3),
        Asked("question", 30.0, 30.1),
    )
    told = figures([before, across, during, after, later], began=10.0, ended=19.0, now=40.0)
    assert (told.asked, told.at_once, told.after_retry, told.never) == (3, 2, 1, 0)
    assert (told.longest, told.normal_after) == (8.5, 1.5)
    assert told.shown == ((AWAY, 2),)


@pytest.mark.parametrize(
    ("shown", "by_hand"),
    [([], 0), ([AWAY], 0), (["no answer (ReadTimeout)"], 0), ([WRONG], 1), ([AWAY, WRONG], 1)],
)
def test_what_the_widget_does_not_send_again_by_itself_is_by_hand(shown, by_hand):
    assert figures([Asked("question", 5.0, 8.0, shown)], 4.0, 7.0, 10.0).by_hand == by_hand


def test_an_answer_that_says_less_is_unusual_but_no_retry():
    told = figures([Asked("look-up", 5.0, 5.5, [], ["could not be asked"])], 4.0, 7.0, 10.0)
    assert (told.at_once, told.after_retry, told.told_less) == (1, 0, 1)
    assert told.shown == (("could not be asked", 1),)
    assert not is_normal([Asked("look-up", 8.0, 8.5, [], ["could not be asked"])], 4.0, 10.0, 4.0)


def test_who_is_not_answered_by_the_end_never_was():
    waits = Asked("question", 5.0)
    assert waits.ended == NEVER
    told = figures([waits, Asked("question", 5.0, 11.0)], began=4.0, ended=7.0, now=10.0)
    assert (told.asked, told.never, told.longest, told.normal_after) == (2, 2, 5.0, 3.0)


def test_a_fault_that_nobody_notices_is_over_at_its_end():
    told = figures([Asked("question", 5.0, 5.1), Asked("question", 8.0, 8.1)], began=4.0, ended=7.0, now=10.0)
    assert (told.asked, told.at_once, told.normal_after) == (1, 1, 0.0)
    assert figures([], 4.0, 7.0, 10.0).asked == 0


@pytest.mark.parametrize(
    ("asked", "normal"),
    [
        ([Asked("question", 8.0, 8.1)], True),
        ([], False),
        ([Asked("question", 8.0, 8.1), Asked("question", 7.0, 9.5)], False),
        ([Asked("question", 8.0, 8.1), Asked("question", 8.0, 8.1, [AWAY])], False),
        ([Asked("question", 8.0, 8.1), Asked("question", 2.0, 2.1, [AWAY])], True),
        ([Asked("question", 8.0, 8.1), Asked("question", 3.0)], False),
        ([Asked("question", 8.0, 8.1), Asked("question", 9.0)], True),
    ],
)
def test_all_is_as_usual_when_everybody_was_answered_at_once_for_a_while(asked, normal):
    assert is_normal(asked, ended=4.0, now=10.0, quiet=4.0) is normal
    assert not is_normal(asked, ended=8.0, now=10.0, quiet=4.0)


def test_a_ticket_that_is_gone_or_somebody_elses_is_lost():
    confirmed = {
        "CRT-2026-00001": "a@example.com",
        "CRT-2026-00002": "b@example.com",
        "CRT-2026-00003": "c@example.com",
    }
    kept = {"CRT-2026-00001": "a@example.com", "CRT-2026-00002": "c@example.com"}
    assert lost_tickets(confirmed, kept) == ["CRT-2026-00002", "CRT-2026-00003"]


def test_who_files_once_has_one_ticket():
    assert filed_twice(["form-1", "form-2", "form-1", "jane", "jane"], "form-") == 1


def test_a_letter_that_came_again_is_no_second_letter():
    expected = [("CRT-1", "team"), ("CRT-1", "jane"), ("CRT-2", "team")]
    came = [("CRT-1", "team", "<1>"), ("CRT-1", "team", "<1>"), ("CRT-1", "jane", "<2>"), ("CRT-1", "jane", "<3>")]
    assert letters(expected, came) == Letters(missing=1, made_twice=1, repeats=1)
    assert letters(expected, []) == Letters(missing=3, made_twice=0, repeats=0)


def test_waits_are_told_in_words():
    assert middle_and_longest([0.2, 5.0, 0.3]) == "0.3 / 5.0 s"
    assert middle_and_longest([]) == "none"


def said(number, role="bot", client_id="", utterance=""):
    return {"id": str(number), "role": role, "client_id": client_id, "utterance": utterance}


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        ([said(2), said(3)], True),
        ([said(2)], False),
        ([said(9, utterance="utter_record_hidden")], True),  # in place of what only a fresh proof may read
        ([said(2), said(4, "user", "another"), said(9, utterance="utter_record_hidden")], False),
        ([said(2), said(3), said(5, "user", "message")], False),  # asked twice
    ],
)
def test_an_answer_is_kept_where_it_stands_or_is_hidden_for_its_age(answers, kept):
    assert is_kept([said(1, "user", "message"), *answers], "message", ["2", "3"]) is kept
