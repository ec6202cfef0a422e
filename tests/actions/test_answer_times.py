"""When will I hear?" is answered by what is set or was measured, wherever it is asked."""

import asyncio
from dataclasses import replace

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import AnswerProcess
from actions.base import TrackerView
from actions.escalation import OpenTicket
from actions.services import use
from bot.content.responses import render
from bot.tickets.answer_times import AnswerTimes
from bot.working_hours import WorkingHours

WHEN = {"response_selector": {"process": {"response": {"utter_action": "utter_process/when_answered"}}}}
HOURS = WorkingHours.read("Mon-Fri 09:00-17:00")


@pytest.fixture()
def team(acting):
    """The actions, with what is known of the team."""

    def knows(hours, usual):
        settings = acting.settings
        use(replace(acting, answer_times=AnswerTimes(acting.database, acting.clock, settings.time_zone, hours, usual)))

    return knows


def asked(**message):
    says = AnswerProcess().reply(TrackerView({**WHEN, **message})).says
    return "\n".join(render(say.utterance, say.values) for say in says)


@pytest.mark.parametrize(
    ("hours", "usual", "said", "unsaid"),
    [
        (None, "", ["I can't promise a day"], ["usually", "works"]),
        (None, "2 working days", ["usually answers within 2 working days"], ["they work"]),
        (HOURS, "", ["can't promise a day", "works Monday to Friday, 09:00 to 17:00 (UTC time)"], ["usually"]),
        (HOURS, "2 working days", ["within 2 working days; they work Monday to Friday"], ["can't promise"]),
    ],
)
def test_what_is_known_is_said_and_no_more(team, hours, usual, said, unsaid):
    team(hours, usual)
    answer = asked()
    assert all(one in answer for one in said) and not any(one in answer for one in unsaid)


def test_it_is_said_beside_another_answer_too(team):
    team(None, "one working day")
    message = {"also": ["process/when_answered"]}
    other = {"response_selector": {"process": {"response": {"utter_action": "utter_process/who_reads"}}}}
    says = AnswerProcess().reply(TrackerView({**other, **message})).says
    assert [say.utterance for say in says] == ["utter_when_answered_within", "utter_process/who_reads"]


def test_asked_twice_it_is_said_in_other_words(team):
    team(HOURS, "one working day")
    says = AnswerProcess().reply(TrackerView(WHEN, said=("utter_when_answered_within_hours",))).says
    assert [say.utterance for say in says] == ["utter_when_answered_within_again"]


def test_other_questions_on_how_things_are_done_are_answered_as_before(team):
    team(None, "")
    other = {"response_selector": {"process": {"response": {"utter_action": "utter_process/who_reads"}}}}
    assert [say.utterance for say in AnswerProcess().reply(TrackerView(other)).says] == ["utter_process/who_reads"]


@pytest.mark.parametrize(
    ("usual", "said"), [("", "answers there, and here"), ("2 days", "usually within 2 days, and here")]
)
def test_who_sends_a_ticket_reads_it_too(team, told, usual, said):
    team(None, usual)
    view = TrackerView(
        {"text": "/affirm"}, conversation_id="c1", slots={"contact": "j@example.com", "about": "No badge"}
    )
    assert said in told(OpenTicket().answer(view))


def test_an_action_that_fails_says_so_and_nothing_of_why(acting, monkeypatch):
    monkeypatch.setattr(AnswerProcess, "answer", lambda self, view: acting.tickets.get("CRT-2000-00001"))
    dispatcher, tracker = CollectingDispatcher(), Tracker("c1", {}, {}, [], False, None, {}, None)
    asyncio.run(AnswerProcess().run(dispatcher, tracker, {}))
    assert [message["response"] for message in dispatcher.messages] == ["utter_failed"]
