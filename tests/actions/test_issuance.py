"""What is said when a source does not answer; the dialogue around it is in tests/stories."""

import datetime
import re
from dataclasses import replace

import pytest

from actions import identity, issuance
from actions.base import TrackerView
from actions.issuance import staff_read
from bot.errors import SourceUnavailable
from bot.issuance.record import Completion
from bot.issuance.samples import load_samples
from bot.issuance.store import badges, completions, write_completions


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


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("sofia.rossi", []),
        ("mei.tanaka", ["utter_record_offer_watch"]),  # passed four days ago
        ("priya.raman", ["utter_record_offer_watch"]),
        ("diego.fernandez", ["utter_status_offer_team"]),
        ("jonas.lindqvist", ["utter_status_offer_team"]),
        ("minh.nguyen", ["utter_status_offer_team"]),
        ("kwame.mensah", ["utter_status_offer_team"]),
        ("leila.haddad", ["utter_status_offer_another"]),
    ],
)
def test_what_is_offered_fits_the_record(ask, name, offered):
    said, _ = ask(f"{name}@example.com")
    assert said[1:] == offered


def test_a_ticket_is_offered_for_an_exam_once_issuing_would_have_had_its_time(ask, services):
    day = services.issuance.today() - datetime.timedelta(days=services.issuance.rule.days + 1)
    exam = Completion("late@example.com", "x", "OneStream Certified Associate", None, day, "passed")
    with services.database.transaction() as connection:
        write_completions(connection, [exam])
    assert ask("late@example.com")[0][1:] == ["utter_record_offer_watch_or_team"]


def test_staff_in_slack_read_about_the_learner_and_not_to_them(acting, told):
    """Every sample learner's record, and what no source could tell."""
    addresses = [*sample_addresses(acting), "nobody@example.com"]
    for address in addresses:
        said = told(staff_read(acting.issuance.status([address])))
        assert address in said and not re.search(r"(?i)\b(you|your|linkedin)\b", said), said
    (known,) = {address for address in addresses if address.startswith("sofia")}
    assert "See it on Credly" in told(staff_read(acting.issuance.status([known])))


def sample_addresses(acting):
    with acting.database.transaction() as connection:
        return sorted({row.email for table in (completions, badges) for row in connection.execute(table.select())})


@pytest.mark.parametrize(("name", "there"), [("kwame.mensah", "overdue"), ("mei.tanaka", "you passed the exam")])
def test_who_names_what_is_not_in_the_record_reads_what_is(acting, told, name, there):
    address = f"{name}@example.com"
    acting.identity.prove_by_profile("c1", address, "token")
    named = {"entities": [{"entity": "credential", "value": "level_1"}]}
    answer = issuance.CheckIssuanceStatus().answer(TrackerView(named, conversation_id="c1"))
    assert "nothing for **Level 1**" in told(answer) and there in told(answer)
    assert [say.utterance for say in answer.says] == ["utter_status_others", "utter_status_offer_nothing"]
