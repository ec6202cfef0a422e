"""Floors of groups of questions: read from a file, and told where a report stays below."""

import pytest

from bot.evaluation.examples import BadFile
from bot.evaluation.floors import floors_fallen, read_floors

FLOORS = {"unseen": {"faq": {"right": 0.9, "right or offered": 0.95, "not wrong": 0.98}}}


def report(right, offered=0.0, wrong=0.0):
    return {"unseen": {"groups": {"faq": {"right": right, "offered": offered, "wrong": wrong}}}}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (report(0.9, 0.05, 0.02), []),
        (report(0.899, 0.06, 0.0), ["unseen faq right 89.9% < 90.0%"]),
        (report(0.92, 0.01, 0.05), ["unseen faq right or offered 93.0% < 95.0%", "unseen faq not wrong 95.0% < 98.0%"]),
        (report(0.8999, 0.06, 0.0), ["unseen faq right 89.99% < 90.0%"]),
        ({}, []),
    ],
)
def test_what_stays_below_is_told(now, told):
    assert floors_fallen(now, FLOORS) == told


def test_what_was_below_before_is_told_only_when_it_sinks():
    low = report(0.85, 0.12)
    assert floors_fallen(low, FLOORS, low) == []
    assert floors_fallen(report(0.84, 0.13), FLOORS, low) == ["unseen faq right 84.0% < 90.0%"]
    assert floors_fallen(low, FLOORS, report(0.95)) == ["unseen faq right 85.0% < 90.0%"]


@pytest.mark.parametrize(
    "text", ["unseen: 3", "unseen:\n  faq: {rihgt: 0.9}", "unseen:\n  faq: {right: 90}", "a: [", "unseen:\n  faq: [1]"]
)
def test_a_file_of_another_form_is_refused(tmp_path, text):
    (tmp_path / "floors.yml").write_text(text)
    with pytest.raises(BadFile):
        read_floors(tmp_path / "floors.yml")
