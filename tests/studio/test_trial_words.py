"""What an editor reads of a trial at the terminal."""

import dataclasses

from bot import clock
from bot.studio.drafts import Trial, TrialState
from bot.studio.trial_words import telling

RESULT = {
    "seconds": 14.2,
    "counts": {
        "asked": 4200,
        "questions": 4976,
        "became_right": 1,
        "became_wrong": 14,
        "recent": 3,
        "recent_asked": 9,
        "recent_changed": 1,
        "conversations_touched": 2,
        "conversations_played": 2,
    },
    "questions": {
        "became_right": [{"text": "shout about it", "was": ["nlu_fallback"], "now": ["faq/sharing_options"]}],
        "became_wrong": [{"text": f"question {n}", "was": ["faq/x"], "now": ["out_of_scope/other"]} for n in range(14)],
        "answer_changed": [],
    },
    "recent": [{"text": "where to (name)", "was": ["greet"], "now": ["faq/x", "escalate"], "asked": 7}],
    "new_words": [
        {"response": "utter_faq/sharing_options", "questions": 31, "recent": 4},
        {"response": "utter_bye", "questions": 0, "recent": 0},
    ],
    "conversations": [
        {
            "title": "Sharing it",
            "file": "a.yml",
            "was_right": True,
            "is_right": False,
            "first_difference": {"said": "hey", "was": "On LinkedIn.", "now": "No idea.", "problems": []},
        }
    ],
    "overlaps": [{"cosine": 0.95, "labels": ["faq/x", "faq/y"], "texts": ["one", "two"]}],
    "floors_fallen": ["unseen faq right 93.1% < 94.0%"],
    "notes": ["Nobody wrote anything."],
}
TITLES = {"faq/sharing_options": "Sharing my badge"}
TRIAL = Trial(
    id=1,
    draft_id=1,
    digest="d",
    by="eda@example.com",
    asked_at=clock.now(),
    state=TrialState.DONE,
    result=RESULT,
)


def with_(**changes):
    return telling(dataclasses.replace(TRIAL, **changes), TITLES)


def test_a_trial_that_is_done_is_told_in_plain_words():
    text = telling(TRIAL, TITLES)
    assert 'shout about it: asks what is meant -> "Sharing my badge"' in text
    assert "14 no longer answered right:" in text and "and 2 more" in text
    assert "question 11" in text and "question 12" not in text
    assert "4,200 asked of 4,976" in text
    assert "where to (name): greet -> x and offers the team  (7 times)" in text
    assert 'Answer with new words: "Sharing my badge": 31 test questions, 4 recent messages' in text
    assert "utter_" not in text and "bye" not in text
    assert "Sharing it: no longer ends right" in text and "now: No idea." in text
    assert "one (x) and two (y)" in text
    assert "unseen faq right 93.1% < 94.0%" in text
    assert "Tried out in 14 seconds." in text and "Nobody wrote anything." in text


def test_one_that_goes_on_tells_how_far_it_is_and_what_is_there():
    text = with_(state=TrialState.RUNNING, share=0.65, words="Asking what people wrote lately")
    assert text.startswith("65% done. Asking what people wrote lately ...") and "shout about it" in text


def test_one_that_failed_says_what_to_do():
    assert with_(state=TrialState.FAILED, words="Try it again.", result={}) == "The trial failed. Try it again."


def test_one_that_changes_nothing_says_so():
    counts = {"asked": 5, "questions": 5}
    text = with_(result={"counts": counts, "questions": {"became_right": [], "became_wrong": []}, "seconds": 3})
    assert "All of them are answered as before." in text and "lately" not in text
