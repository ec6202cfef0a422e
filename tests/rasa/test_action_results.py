"""What Rasa accepts from an action server, with its schema checked once."""

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction

from bot.rasa.patches import check_schema_once

GOOD = {"events": [{"event": "slot", "name": "x", "value": 1}], "responses": [{"response": "utter_x"}]}


@pytest.fixture(params=["as Rasa has it", "checked once"])
def action(request, monkeypatch):
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    if request.param == "checked once":
        check_schema_once()
    return RemoteAction("action_x", None)


@pytest.mark.parametrize("result", [GOOD, {}, {"events": [], "responses": []}])
def test_a_result_of_the_right_form_is_taken(action, result):
    assert action._validate_action_result(result)


@pytest.mark.parametrize("result", [[], None, {"events": {}}, {"responses": ["x"]}, {"events": [{"event": 3}]}])
def test_a_broken_result_is_refused(action, result):
    with pytest.raises(jsonschema.ValidationError):
        action._validate_action_result(result)
