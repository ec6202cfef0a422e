"""What is said when a source does not answer; the dialogue around it is in tests/stories."""

from dataclasses import replace

import pytest

from actions import identity, issuance
from actions.base import TrackerView
from bot.errors import SourceUnavailable
from bot.issuance.samples import load_samples


class Away:
    """A source that is down."""

    def badges(self, addresses):
        raise SourceUnavailable("down")

    def completions(self, addresses):
        raise SourceUnavailable("down")


@pytest.fixture()
def ask(services, monkeypatch):
    load_samples(services.database, services.catalogue.key, services.issuance.today())

    def asked(address, **away):
        service = services.issuance
        for name in away:
            monkeypatch.setattr(service, f"_{name}", Away())
        for module in (issuance, identity):
            monkeypatch.setattr(module, "services", lambda: replace(services, issuance=service))
        turn = TrackerView({}, conversation_id="c1")
        services.identity.prove_by_profile("c1", address)
        said = issuance.CheckIssuanceStatus().answer(turn).says
        return [say.utterance for say in said], "\n".join(say.values.get("list", "") for say in said)

    return asked


def test_with_credly_down_what_is_known_here_is_told_and_that_credly_was_not_asked(ask):
    said, text = ask("kwame.mensah@example.com", badges=True)
    assert "Level 2" in text and "Credly could not be asked" in text and "overdue" not in text
    assert said == ["utter_status_list", "utter_status_badges_unknown", "utter_status_offer_team"]


def test_with_the_training_record_down_badges_are_told(ask):
    said, text = ask("sofia.rossi@example.com", completions=True)
    assert "OneStream Certified Administrator" in text and "accepted" in text
    assert "utter_status_completions_unknown" in said


def test_nothing_found_while_a_source_is_down_is_not_called_nothing(ask):
    said, text = ask("noor.ahmed@example.com", badges=True)
    assert "does not mean that there is nothing" in text
    assert said == ["utter_status_nothing", "utter_status_offer_nothing"]
