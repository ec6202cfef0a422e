"""What `python -m bot evaluate` prints of decisions made by hand, and what it says of two reports."""

import argparse
import json

import pytest

from bot.commands import evaluate
from bot.evaluation.accuracy import judge, summary, table
from bot.evaluation.difference import compare, page, significance
from bot.nlu.decision import FALLBACK, OUT_OF_SCOPE, Choice, Decision

EXPORT, IMPORT, EXPIRY = "faq/export_credentials", "faq/import_credentials", "faq/credential_expiry"


def decided(label, **more):
    return Decision(label.split("/")[0], label, 0.9, **more)


ANSWERS = {
    "right": decided(EXPORT),
    "extra": decided(EXPORT, questions=(Choice(EXPORT, 0.9), Choice(EXPIRY, 0.9))),
    "offered": decided(FALLBACK, candidates=(Choice(EXPORT, 0.3), Choice(EXPIRY, 0.3))),
    "asked": decided(FALLBACK, candidates=(Choice(EXPIRY, 0.3),)),
    "declined": decided(OUT_OF_SCOPE),
    "wrong": decided(EXPIRY),
    "opposite": decided(IMPORT),
}


def report(*names, group="faq", expect=EXPORT, **row):
    rows = [{"text": f"question {place}", "expect": [expect], "group": group, **row} for place in range(len(names))]
    return summary(judge(row, ANSWERS[name]) for row, name in zip(rows, names))


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_is_told_for_what_it_is(name):
    shares = report(name)["groups"]["faq"]
    part_of = {"extra": "right", "opposite": "wrong"}
    told = {key for key, value in shares.items() if key not in ("count", "intervals") and value == 1}
    assert told == {name, part_of.get(name, name)}


def test_a_yes_for_a_no_is_the_opposite():
    judged = judge({"text": "a", "expect": ["deny"], "after": ["team_offered"]}, decided("affirm"))
    assert judged.is_opposite and judged.after == ("team_offered",)


def test_one_of_two_questions_is_half_and_no_opposite():
    row = {"text": "a", "expect": [EXPORT, EXPIRY], "all": True}
    shares = summary([judge(row, ANSWERS["right"])])["overall"]
    assert shares["half"] == 1 and not shares["opposite"]


def test_the_table_fits_the_terminal_and_tells_each_share_with_its_interval():
    long = report(*ANSWERS, group="for the ticket or team", expect="fact/missing_micro_credential_navigator_complete")
    shown = table(report(*["right"] * 19, "opposite")) + "\n" + table(long)
    assert max(map(len, shown.splitlines())) <= 120
    (row,) = [line for line in shown.splitlines() if line.startswith("faq ")]
    assert "95.0 76-99" in row and row.endswith("5.0 1-24   5.0 1-24")
    assert "for the ticket or team" in shown and "fact/missing_micro_credential_navigator_complete" in shown


@pytest.mark.parametrize(
    ("before", "now", "right", "wrong"),
    [
        (["wrong"] * 6, ["right"] * 6, "better", "better"),
        (["right"] * 6, ["wrong"] * 6, "worse", "worse"),
        (["wrong"] * 5, ["right"] * 5, "may be chance", "may be chance"),
        (["declined"] * 6, ["opposite"] * 6, "same", "worse"),
        (["right", "wrong"], ["right", "opposite"], "same", "same"),
    ],
)
def test_a_difference_is_believed_only_where_it_is_more_than_chance(before, now, right, wrong):
    changes = significance(report(*before), report(*now))
    assert (changes["faq"]["right"]["verdict"], changes["faq"]["wrong"]["verdict"]) == (right, wrong)
    assert changes["all"] == changes["faq"] and changes["faq"]["same"] == len(now)
    assert max(map(len, page(changes).splitlines())) <= 120


def test_only_the_same_question_after_the_same_words_with_the_same_answer_expected_is_compared():
    before = report("right", after=["record_shown"])
    assert significance(before, report("wrong", after=["refused"]))["all"]["same"] == 0
    assert significance(before, report("wrong", after=["record_shown"], expect=EXPIRY))["all"]["same"] == 0
    assert compare(before, report("wrong", after=["refused"]))["became_wrong"] == []
    (became,) = compare(before, report("wrong", after=["record_shown"]))["became_wrong"]
    assert became["after"] == ("record_shown",)


def test_a_report_from_before_contexts_were_kept_can_still_be_compared():
    old = json.loads(json.dumps(report("right")))
    for question in old["questions"]:
        del question["after"], question["extra"], question["opposite"]
    assert significance(old, report("right"))["all"]["same"] == 1


class Stub:
    """An understanding that answers everything with import."""

    def decide(self, text, context=None):
        return ANSWERS["opposite"], None


def test_the_command_writes_all_it_found(tmp_path, monkeypatch, capsys):
    questions = tmp_path / "x.jsonl"
    questions.write_text(json.dumps({"text": "how do I export?", "expect": [EXPORT]}), encoding="utf-8")
    old = tmp_path / "old.json"
    old.write_text(json.dumps(report("right")), encoding="utf-8")
    monkeypatch.setattr("bot.commands.models.wanted_understanding", lambda named: Stub())
    monkeypatch.setattr("bot.commands.evaluate._print_difference", lambda *given: None)
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    given = ["--json", "new.json", "--picture", "x.png", "--against", "old.json", "--model", "m", "--errors"]
    given = [str(tmp_path / one) if one.endswith((".json", ".png")) else one for one in given]
    assert evaluate.run(parser.parse_args([str(questions), *given])) == 0
    found = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    assert found["groups"]["questions"]["intervals"]["opposite"] == [0.2065, 1.0]
    assert found["questions"][0]["opposite"] and found["against"]["all"]["same"] == 0
    assert "opposite  'how do I export?'" in capsys.readouterr().out
