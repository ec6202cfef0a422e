"""What follows on a message, by the table of tasks and the rules, for every task and every intent."""

from pathlib import Path

import pytest
import yaml

from bot.content.responses import responses
from bot.rasa.tasks import LISTEN, TaskTable, TurnSoFar

DOMAIN = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
RETRIEVAL = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["importers"][0]["retrieval_intents"]
NEVER = ("something_new",)  # a label of examples, never an intent
INTENTS = [one for one in [*DOMAIN["intents"], *RETRIEVAL] if one not in NEVER]
TASKS = sorted(DOMAIN["forms"])
MOST_STEPS = 8
FILLED = [
    ("issuance_form", "action_show_issuance_status"),
    ("ticket_form", "action_open_ticket"),
    ("ticket_answer_form", "action_pass_on"),
]


def rules():
    found = yaml.safe_load(Path("data/stories/rules.yml").read_text(encoding="utf-8"))["rules"]
    return {one["steps"][0]["intent"]: [step["action"] for step in one["steps"][1:]] for one in found}


@pytest.fixture(scope="module")
def table():
    content = yaml.safe_load(Path("data/stories/tasks.yml").read_text(encoding="utf-8"))
    return TaskTable.of(content, rules(), {intent: intent for intent in rules()})


def known(action):
    named = {*DOMAIN["actions"], *DOMAIN["forms"], *responses(), "action_deactivate_loop"}
    return action in named or action.removeprefix("utter_") in RETRIEVAL


def walk(table, intent, task, rejected):
    """The actions on a message, as Rasa would run them: a form that runs stays under way."""
    done, active = [], task
    for _ in range(MOST_STEPS):
        following = table.next(TurnSoFar(intent=intent, task=task, active=active, rejected=rejected, done=tuple(done)))
        if following == LISTEN:
            return done, active
        done.append(following)
        active = "" if following == "action_deactivate_loop" else following if following in table.tasks else active
    raise AssertionError(f"no end: {done}")


@pytest.mark.parametrize("intent", INTENTS)
def test_outside_of_tasks_every_intent_is_followed_by_something_that_exists(table, intent):
    done, active = walk(table, intent, "", False)
    assert done and not active and all(map(known, done))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("intent", INTENTS)
def test_in_a_task_the_form_reads_first_and_what_it_does_not_take_is_answered_or_leaves_it(table, task, intent):
    assert walk(table, intent, task, False) == ([task], task)
    done, active = walk(table, intent, task, True)
    assert done and all(map(known, done))
    if active:
        assert done[-1] == task and len(done) > 1, "a digression is answered, then the form asks again"
    else:
        assert "action_deactivate_loop" in done, "a task ends only on purpose"


@pytest.mark.parametrize(("task", "then"), FILLED)
def test_a_filled_form_is_followed_by_what_it_was_for(table, task, then):
    filled = TurnSoFar(intent="inform", task=task, active="", done=(task,))
    assert table.next(filled) == then
    assert table.next(TurnSoFar(intent="inform", task=task, active="", done=(task, then))) == LISTEN


def test_a_question_and_a_wish_for_a_person_keep_the_ticket(table):
    done, active = walk(table, "faq+escalate", "ticket_form", True)
    assert done == ["action_answer_questions", "ticket_form"] and active == "ticket_form"


def test_actions_that_an_action_calls_come_between(table):
    begun = TurnSoFar(intent="escalate", task="", active="ticket_form", done=("action_escalate", "ticket_form"))
    assert table.next(begun) == LISTEN


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (TurnSoFar(intent="faq"), 'rule "faq"'),
        (TurnSoFar(intent="faq", task="ticket_form", active="ticket_form"), "form ticket_form"),
        (TurnSoFar(intent="stop", task="ticket_form", active="ticket_form", rejected=True), "ticket_form: stop"),
        (TurnSoFar(intent="faq", task="ticket_form", active="ticket_form", rejected=True), 'rule "faq"'),
    ],
)
def test_it_tells_what_is_behind_an_action(table, turn, why):
    assert table.reason(turn) == why
