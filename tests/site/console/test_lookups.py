"""Look-ups in the console: the table, the file, who may see the log; and what else a ticket's person has."""

import io
import re

import pytest

import bot.clock
from bot import bootstrap
from bot.attachments.attachment import Upload
from bot.conversations.store import Message
from bot.issuance.samples import load_samples
from bot.lookups.log import read_log
from tests.attachments.files import pdf
from tests.servers.staff import ANNA, BEN
from tests.site.console.conftest import file

KWAME, SOFIA = "kwame.mensah@example.com", "sofia.rossi@example.com"


@pytest.fixture()
def services(settings):
    """Anna may see who looked at what, Ben may not."""
    rights = {"staff_emails": frozenset({ANNA, BEN}), "auditor_emails": frozenset({ANNA})}
    built = bootstrap.build(settings.copy(update=rights))
    load_samples(built.database, built.catalogue.key, built.issuance.today())
    return built


def look_up(staff, **fields):
    return staff.post("/lookups", seen_on="/lookups", **fields)


def test_a_pasted_list_becomes_a_table_and_a_file(anna, services):
    answer = look_up(anna, addresses=f"Kwame <{KWAME}>\n{SOFIA}; nobody@example.com; bad@x")
    assert answer.status_code == 303
    page = anna.client.get(answer.location)
    assert "Refresh" not in page.headers
    for shown in (KWAME, SOFIA, "Overdue", "Accepted", "Nothing found", "3 addresses looked up", "bad@x"):
        assert shown in page.text
    saved = anna.client.get(f"{answer.location}.csv")
    assert saved.mimetype == "text/csv" and "attachment" in saved.headers["Content-Disposition"]
    assert f'"{KWAME}","Level 2","Overdue"' in saved.text
    assert read_log(services.database)[1] == 3


def test_a_file_may_be_given_instead(anna):
    content = f"name,mail\nKwame,{KWAME}\n".encode("utf-16")
    answer = look_up(anna, addresses="", file=(io.BytesIO(content), "team.csv"))
    assert KWAME in anna.client.get(answer.location).text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "no e-mail address"),
        ("hello", "no e-mail address"),
        ("a@b", "None of this"),
        (" ".join(f"l{number}@example.com" for number in range(205)), "These are 205 addresses"),
    ],
)
def test_what_cannot_be_looked_up_is_told_and_kept(anna, services, given, told):
    answer = look_up(anna, addresses=given)
    assert answer.status_code == 400 and told in answer.text and f">{given}</textarea>" in answer.text
    assert read_log(services.database)[1] == 0


def test_a_look_up_is_its_askers_alone(anna, ben, visitor):
    place = look_up(anna, addresses=KWAME).location
    assert ben.client.get(place).status_code == ben.client.get(f"{place}.csv").status_code == 404
    assert "not kept any more" in ben.client.get(place).text
    assert visitor.client.get(place).status_code == 303


def test_while_it_is_under_way_the_page_comes_again_by_itself(anna, services, monkeypatch):
    monkeypatch.setattr("bot.site.console.lookups.SOON_SECONDS", 0)
    monkeypatch.setattr("bot.lookups.service.threading.Thread.start", lambda self: None)
    page = anna.client.get(look_up(anna, addresses=f"{KWAME} {SOFIA}").location)
    assert page.headers["Refresh"] == "2" and "0 of 2 so far" in page.text


def test_when_too_many_wait_the_list_is_kept(anna, services, monkeypatch):
    monkeypatch.setattr(services.lookups._room, "acquire", lambda blocking: False)
    answer = look_up(anna, addresses=KWAME)
    assert answer.status_code == 503 and "still under way" in answer.text and KWAME in answer.text


def test_who_looked_at_what_is_for_those_with_the_right(anna, ben, services):
    look_up(ben, addresses=f"{KWAME} {SOFIA}")
    services.identity.log_lookup("c1", "site", SOFIA, SOFIA, rights="proven", outcome="accepted")
    services.identity.log_lookup("c2", "slack", "eve@example.com", "", rights="none", outcome="refused: not_staff")
    assert ben.get("/lookups/log").status_code == 403 and "Who looked at what" not in ben.get("/lookups").text
    page = anna.get("/lookups/log").text
    assert BEN in page and KWAME in page and "not staff" in page and "3 look-ups" in page
    assert "4 look-ups" in anna.get("/lookups/log?kind=all").text
    assert "1 look-up " in re.sub(r"\s+", " ", anna.get(f"/lookups/log?q={KWAME.upper()}").text)
    for odd in ("?page=x", "?page=0", "?page=99999", "?q=%00"):
        assert anna.get(f"/lookups/log{odd}").status_code == 200


def test_a_ticket_shows_what_else_its_person_has(anna, services):
    services.store.create("c-talk", "site", bot.clock.now())
    services.identity.prove_by_profile("c-talk", KWAME)
    services.attachments.from_learner(Upload("mensah-passport.pdf", pdf()), "c-talk", shown=True)
    said = Message.new("user", f"I am Kwame Mensah, {KWAME}, where is it?", now=bot.clock.now())
    services.store.add("c-talk", said, Message.new("bot", "On its **way**.", now=bot.clock.now()))
    other = file(services, "r2", contact=KWAME, proven=(KWAME,), about="Wrong name on it")
    file(services, "r3", contact="joe@example.com", about="A stranger's")
    ticket = file(services, "r4", contact=KWAME, proven=(KWAME,), about="Level 2 is late")
    page = anna.get(f"/tickets/{ticket.reference}").text
    assert other.reference in page and "A stranger" not in page and "I am (name), (address), where is it?" in page
    assert "mensah-passport" not in page
    place = re.search(r'href="(/console/conversations/[^"]+)"', page)[1]
    shown = anna.client.get(place).text
    assert "I am (name), (address)" in shown and "<strong>way</strong>" in shown and KWAME not in shown
    assert "(file)" in shown and "mensah-passport" not in shown
    assert anna.get("/conversations/nothing").status_code == 404


def test_the_record_of_a_tickets_person_is_looked_up_by_one_click_and_logged(anna, services):
    ticket = file(services, "r5", contact=KWAME, proven=(KWAME,))
    page = anna.get(f"/tickets/{ticket.reference}").text
    given = re.search(r'name="addresses" value="([^"]+)"', page)[1]
    answer = anna.post("/lookups", seen_on=f"/tickets/{ticket.reference}", addresses=given)
    assert "Overdue" in anna.client.get(answer.location).text
    assert [(one.asker, one.subject) for one in read_log(services.database)[0]] == [(ANNA, KWAME)]


def test_of_an_address_that_was_only_typed_no_conversations_are_shown(anna, services):
    services.store.create("c-talk", "site", bot.clock.now())
    services.identity.prove_by_profile("c-talk", KWAME)
    services.store.add("c-talk", Message.new("user", "a secret question", now=bot.clock.now()))
    ticket = file(services, "r6", contact=KWAME, proven=())
    page = anna.get(f"/tickets/{ticket.reference}").text
    assert "a secret question" not in page and "the writer may be somebody else" in page
