"""What could tell who wrote a text is blacked out; what is asked stays readable."""

from pathlib import Path

import pytest
import yaml

from bot.insight.masking import holds_private, masked, masked_with
from bot.insight.private_patterns import PrivateKind

HERE = Path(__file__).parent
PRIVATE = ("private_messages.yml", "fresh_messages.yml", "learners_messages.yml")
MOST_CHANGED = 0.03  # of messages without personal data


def private(*files):
    """Messages with what of them nobody may read, by kind."""
    for file in files:
        for kind, lines in yaml.safe_load((HERE / file).read_text(encoding="utf-8")).items():
            for line in lines:
                text, _, hidden = line.rpartition(" || ")
                yield pytest.param(text, hidden.split("; "), id=f"{kind}: {text}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("I am Leila Haddad, my badge is missing", "I am (name), my badge is missing"),
        ("my name is leila haddad and i lost it", "my name is (name) and i lost it"),
        ("Leila Haddad did not get Level 2", "(name) did not get Level 2"),
        ("please write to Jürgen Müller-Öztürk. Thanks, Anna", "please write to (name). Thanks, (name)"),
        ("My colleague Nguyễn Văn Minh has it", "My colleague (name) has it"),
        ("full name: María del Carmen Ruiz", "full name: (name)"),
        ("I'm Ben O'Connor", "I'm (name)"),
        ("Best regards Tomasz Kowalski", "Best regards (name)"),
        ("I live at 12 Baker Street, London", "I live at (place), London"),
        ("Hauptstraße 5, 80331 München", "(place), (place)"),
        ("it is Kerkstraat 12b", "it is (place)"),
        ("12 rue de la Paix", "(place)"),
        ("Calle Mayor 5", "(place)"),
        ("send it to SW1A 2AA", "send it to (place)"),
        ("jane@example.com or 555-123-4567", "(address) or (number)"),
    ],
)
def test_names_streets_addresses_and_numbers_go(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "How Do I Claim My Badge",
        "The OneStream Certified Lead Architect exam",
        "is Credly part of Pearson?",
        "Hi Team, my badge",
        "my name is wrong on the badge",
        "Dear Certification Team",
        "I am Certified. Is My Name On LinkedIn?",
        "I finished Level 2 on 3 March 2026",
        "where do I find the metadata of a badge",
        "",
    ],
)
def test_what_is_asked_stays(text):
    assert masked(text) == text


@pytest.mark.parametrize(("text", "hidden"), private(*PRIVATE))
def test_no_personal_data_can_be_read(text, hidden):
    found = masked_with(text)
    assert [one for one in hidden if one.lower() in found.text.lower()] == []
    assert found.kinds and holds_private(text)


def test_the_messages_are_of_many_kinds():
    kinds = yaml.safe_load((HERE / "private_messages.yml").read_text(encoding="utf-8"))
    assert len(kinds) >= 20 and sum(map(len, kinds.values())) >= 200 and min(map(len, kinds.values())) >= 8


def test_messages_without_personal_data_stay_as_they_are():
    texts = yaml.safe_load((HERE / "plain_messages.yml").read_text(encoding="utf-8"))
    changed = [text for text in texts if masked(text) != text]
    assert len(texts) >= 100 and len(changed) <= MOST_CHANGED * len(texts), changed


def test_messages_of_learners_without_personal_data_stay_byte_for_byte():
    texts = yaml.safe_load((HERE / "learners_plain_messages.yml").read_text(encoding="utf-8"))
    assert len(texts) >= 100 and [text for text in texts if masked(text) != text] == []


def test_it_is_said_what_was_blacked_out():
    found = masked_with("Leila and Tomasz, call 555-123-4567 or write to leila@example.com")
    assert found.text == "(name) and (name), call (number) or write to (address)"
    assert found.words == "2 names, 1 e-mail address, 1 number"
    assert masked_with("what is credly").words == ""
    assert PrivateKind.COMPANY.counted(2) == "2 companies" and PrivateKind.BIRTH.counted(1) == "1 date of birth"


def test_what_was_blacked_out_is_to_be_written_anew():
    assert (
        holds_private("I am (name), where is it?") and holds_private("ask Leila") and not holds_private("where is it?")
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Will it expire? Will told me so", "Will it expire? (name) told me so"),
        ("in May, May Chen", "in May, (name)"),
        ("mail from admin@credly.com. Can I claim it", "mail from admin@credly.com. Can I claim it"),
        ("www.linkedin.com/in/leila-h works", "www.linkedin.com/(link) works"),
        ("Hi Leila. Can you see it", "Hi (name). Can you see it"),
        ("on 2026-11-12 or 12/11/2026", "on 2026-11-12 or 12/11/2026"),
    ],
)
def test_what_a_name_may_be_is_told_by_what_stands_around_it(text, shown):
    assert masked(text) == shown
