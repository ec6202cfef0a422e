import re

import pytest
import sqlalchemy as sql

from bot.content.responses import responses
from bot.identity.store import lookups
from bot.issuance.samples import load_samples
from bot.issuance.store import completions
from bot.slack import sentences
from tests.slack.conftest import GROUPED, GUEST, LEARNER, STAFF, STRANGER, words


@pytest.fixture()
def samples(services):
    load_samples(services.database, services.catalogue.key, services.issuance.today())
    with services.database.transaction() as connection:
        return connection.execute(sql.select(completions.c.email).limit(1)).scalar()


def logged(services):
    with services.database.transaction() as connection:
        return [
            tuple(row) for row in connection.execute(sql.select(lookups.c.asker, lookups.c.subject, lookups.c.rights))
        ]


def test_staff_see_a_record_alone_and_it_is_logged(workspace, services, samples):
    answer = workspace.commands(STAFF, f"status <mailto:{samples}|{samples}>")
    assert answer["response_type"] == "ephemeral"
    assert samples in words(answer) and "•" in words(answer)
    assert logged(services) == [("sam@example.com", samples, "staff")]
    assert workspace.slack.made("chat.postMessage") == []


def test_members_of_the_user_group_are_staff(workspace, samples):
    assert "•" in words(workspace.commands(GROUPED, f"status {samples}"))


@pytest.mark.parametrize(
    ("who", "why"),
    [(LEARNER, "not on the list of staff"), (GUEST, "guests"), (STRANGER, "other workspaces")],
)
def test_others_are_refused_with_the_reason(workspace, services, samples, who, why):
    answer = workspace.commands(who, f"status {samples}")
    assert why in words(answer) and samples not in words(answer)
    assert [(subject, rights) for _, subject, rights in logged(services)] == [("", "none")]


@pytest.mark.parametrize(
    "more",
    [
        {"is_ultra_restricted": True},
        {"deleted": True},
        {"is_bot": True},
        {"is_email_confirmed": False},
        {"is_invited_user": True},
    ],
)
def test_doubtful_people_are_no_staff(workspace, slack, samples, more):
    slack.users[STAFF] |= more
    assert "I can't do that" in words(workspace.commands(STAFF, f"status {samples}"))


def test_without_an_answer_of_slacks_nobody_is_staff(workspace, slack, samples):
    slack.always["users.info"] = (500, {}, {})
    assert "did not tell" in words(workspace.commands(STAFF, f"status {samples}"))


def test_several_addresses_bring_a_line_for_each_credential_and_all_are_logged(workspace, services, samples):
    text = f"status {samples}, <mailto:nobody@example.com|nobody@example.com> bad@x"
    answers = workspace.commands_answered(STAFF, text, 2)
    told = "\n".join(words(answer) for answer in answers)
    assert "I'm looking up 2 addresses" in told and "2 addresses looked up" in told
    assert f"{samples}: " in told and "nobody@example.com: *nothing found*" in told and "bad@x" in told
    assert all(answer["response_type"] == "ephemeral" for answer in answers)
    assert sorted(logged(services)) == sorted(
        ("sam@example.com", subject, "staff") for subject in (samples, "nobody@example.com")
    )


def test_more_addresses_than_fit_are_sent_to_the_console(workspace, services):
    many = " ".join(f"l{number}@example.com" for number in range(30))
    answer = words(workspace.commands(STAFF, f"status {many}"))
    assert "These are 30 addresses" in answer and "/console/lookups" in answer and logged(services) == []


def test_who_is_no_staff_may_not_look_several_up_either(workspace, services, samples):
    answer = workspace.commands(LEARNER, f"status {samples} nobody@example.com")
    assert "not on the list of staff" in words(answer)
    assert [rights for _, _, rights in logged(services)] == ["none"]


def test_one_credential_only(workspace, services):
    answer = workspace.commands(STAFF, "status nobody@example.com Lead Architect")
    assert "nothing for" in words(answer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "/credential status"),
        ("help", "/credential status"),
        ("dance <!channel>", "I don't know “dance”"),
        ("status", "Whose?"),
        ("status nonsense", "no e-mail address"),
    ],
)
def test_help_and_mistakes(workspace, text, expected):
    assert expected in words(workspace.commands(STAFF, text))


def test_what_is_typed_notifies_nobody(workspace):
    assert "<!channel>" not in words(workspace.commands(STAFF, "status <!channel>"))


def test_staff_are_not_addressed_as_if_it_were_their_own_record():
    stages = {
        name.removeprefix("utter_"): one[0]["text"] for name, one in responses().items() if "utter_stage_" in name
    }
    to_learners = {name: text for name, text in stages.items() if re.search(r"\byour?\b", text, re.IGNORECASE)}
    own = {name: sentences.every()[name] for name in to_learners}  # each has a sentence for staff
    assert not [name for name, text in own.items() if re.search(r"\byour?\b", text, re.IGNORECASE)]
    for name, text in own.items():
        assert set(re.findall(r"{[a-z_]+}", text)) == set(re.findall(r"{[a-z_]+}", to_learners[name])), name
