"""What is said to "tell me when it's there" and "stop telling me"; how it is understood is another matter."""

import pytest

from actions import identity, issuance, record_questions, watching
from actions.base import TrackerView
from actions.identity import ISSUANCE_FORM
from bot.issuance.record import BadgeState
from tests.watching.conftest import COMPLETED, JANE, Away, complete, issue


@pytest.fixture()
def here(services, monkeypatch):
    """Level 1 and Level 2 are on their way, Level 3 is there."""
    for module in (identity, issuance, record_questions, watching):
        monkeypatch.setattr(module, "services", lambda: services)
    for title in ("Level 1", "Level 2"):
        complete(services, JANE, title, completed_on=COMPLETED)
    issue(services, JANE, "Level 3", BadgeState.ACCEPTED)
    return services


@pytest.fixture()
def proven(here):
    here.identity.prove_by_profile("c1", JANE)
    return here


def view(*named, shown=True, **slots):
    entities = [{"entity": "credential", "value": one} for one in named]
    message = {"text": "tell me", "entities": entities, "metadata": {"context": {"record": shown}}}
    return TrackerView(message, conversation_id="c1", slots=slots)


def ask(*named, **slots):
    reply = watching.BeginWatch().answer(view(*named, **slots))
    (say,) = reply.says
    return say, reply


def stop(*named):
    (say,) = watching.StopWatch().answer(view(*named))
    return say.utterance


def waited_for(services):
    return sorted(one.credential for one in services.watching.of_conversation("c1"))


def test_without_a_proven_address_one_is_proven_first_and_what_was_named_is_kept(here):
    say, reply = ask("level_2")
    assert (say.utterance, reply.then) == ("utter_watch_prove", ISSUANCE_FORM)
    assert (reply.slots["wanted"], reply.slots["credential"]) == ("watch", "level_2")
    assert reply.slots["address"] is None and reply.slots["one_time_code"] is None
    assert "credential" not in ask()[1].slots  # the one spoken of before stays
    assert waited_for(here) == []


def test_after_proving_the_watch_goes_on(proven):
    reply = issuance.ShowIssuanceStatus().answer(view(wanted="watch"))
    assert (reply.says, reply.then, reply.slots["wanted"]) == ((), "action_watch", None)
    assert issuance.ShowIssuanceStatus().answer(view()).then == ""


def test_an_address_in_the_wish_is_sent_its_code_at_once(here):
    wish = view("level_2")
    wish.message["entities"].append({"entity": "email", "value": JANE})
    reply = watching.BeginWatch().answer(wish)
    assert ([say.utterance for say in reply.says], reply.then) == (["utter_code_sent"], ISSUANCE_FORM)
    assert (reply.slots["address"], reply.slots["wanted"], reply.slots["credential"]) == (JANE, "watch", "level_2")


@pytest.mark.parametrize(
    ("named", "last", "found"),
    [
        ([], "", ["level_1", "level_2"]),
        ([], "level_2", ["level_2"]),
        ([], "level_3", ["level_1", "level_2"]),
        (["level_1"], "level_2", ["level_1"]),
    ],
)
def test_what_is_on_its_way_is_waited_for(proven, named, last, found):
    say, reply = ask(*named, credential=last, wanted="watch")
    assert say.utterance == "utter_watch_on" and reply.slots["wanted"] is None
    assert say.values["address"] == JANE
    titles = [f"**{one.replace('_', ' ').title()}**" for one in found]
    assert sorted(say.values["titles"].split(", ")) == titles
    assert waited_for(proven) == found


def test_asking_again_says_so(proven):
    ask()
    say, _ = ask()
    assert say.utterance == "utter_watch_already" and say.values["address"] == JANE
    assert len(waited_for(proven)) == 2


def test_what_is_there_is_said_to_be_there(proven):
    say, _ = ask("level_3", credential="level_2")
    assert say.utterance == "utter_record_again" and "accepted" in say.values["sentence"]
    assert waited_for(proven) == []


def test_what_was_spoken_of_last_is_said_to_be_there(proven):
    """ "Let me know when level 1 arrives": named before the address was proven."""
    for title in ("Level 1", "Level 2"):
        issue(proven, JANE, title)
    say, _ = ask(credential="level_1")
    assert say.utterance == "utter_record_again" and "Level 1" in say.values["sentence"]
    assert "Level 2" not in say.values["sentence"]


def test_nothing_on_its_way_is_nothing_to_wait_for(proven):
    for title in ("Level 1", "Level 2"):
        issue(proven, JANE, title)
    assert ask()[0].utterance == "utter_watch_nothing"
    assert ask("lead_architect")[0].utterance == "utter_watch_nothing"


def test_who_has_not_seen_the_record_yet_sees_what_is_there(proven):
    for title in ("Level 1", "Level 2"):
        issue(proven, JANE, title)
    reply = watching.BeginWatch().answer(view(shown=False))
    assert (reply.says, reply.then) == ((), "action_show_issuance_status")
    (shown, *_) = issuance.ShowIssuanceStatus().answer(view(shown=False, **reply.slots)).says
    assert all(title in shown.values["list"] for title in ("Level 1", "Level 2", "Level 3"))


def test_with_the_badges_away_it_is_not_called_nothing(proven, monkeypatch):
    monkeypatch.setattr(proven.issuance, "_badges", Away())
    assert ask()[0].utterance == "utter_status_badges_unknown"


def test_stopping_stops(proven):
    ask()
    assert stop("level_1") == "utter_watch_off"
    assert waited_for(proven) == ["level_2"]
    assert stop() == "utter_watch_off" and stop() == "utter_watch_off"
    assert waited_for(proven) == []


def test_what_is_promised_is_not_offered_again(proven):
    proven.watching.begin("c1", [JANE], ["level_1"])
    asked = {title: record_questions.RecordWhen().answer(view(title)).says for title in ("level_1", "level_2")}
    assert [say.utterance for say in asked["level_1"]] == ["utter_record_when_issuing_window"]
    assert [say.utterance for say in asked["level_2"]][1:] == ["utter_record_offer_watch"]


def test_nor_with_the_whole_record(proven):
    def offered():
        return [say.utterance for say in issuance.ShowIssuanceStatus().answer(view()).says][1:]

    assert offered() == ["utter_record_offer_watch"]
    proven.watching.begin("c1", [JANE], ["level_1"])
    assert offered() == ["utter_record_offer_watch"]  # for the other one
    proven.watching.begin("c1", [JANE], ["level_2"])
    assert offered() == []


def test_what_has_not_come_after_a_record_is_its_mail_and_not_the_code(proven):
    def heard(contexts):
        message = {"text": "nothing came from them", "metadata": {"context": {"contexts": contexts}}}
        view = TrackerView(message, intents=("not_arrived",), conversation_id="c1")
        return identity.ResendCode().answer(view).then

    assert heard(["code_asked"]) == ISSUANCE_FORM
    assert heard(["record_shown"]) == "action_record_why"
