"""`python -m bot tickets` as an operator uses it."""

import datetime
import io
import json
import subprocess
import sys

import pytest

from bot.__main__ import main
from bot.outbox.store import outbox
from bot.tickets.ticket import State
from tests.conftest import SECRET
from tests.tickets.conftest import request

ANNA = "anna@example.com"


@pytest.fixture()
def services(sqlite_url, monkeypatch):
    from bot import bootstrap
    from bot.settings import Settings

    url = sqlite_url
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": url, "STAFF_EMAILS": f"{ANNA},ben@example.com"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return bootstrap.build(Settings.load(given))


def test_a_reader_that_has_had_enough_is_no_error(services):
    for number in range(12):  # more than a pipe holds
        services.tickets.open(request(f"r{number}", about="x" * 9000))
    code = "import sys; from bot.__main__ import main; sys.exit(main(['tickets', 'list', '--json']))"
    command = [sys.executable, "-W", "ignore", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        program.stdout.readline()
        program.stdout.close()
        assert (program.stderr.read(), program.wait(60)) == (b"", 141)


@pytest.fixture()
def call(capsys):
    """Runs the command; returns exit code, output and complaint."""

    def call(*words):
        code = main(["tickets", *words])
        return (code, *capsys.readouterr())

    return call


def test_the_queue_by_state_owner_and_words(tickets, call):
    first = tickets.open(request("r1", about="Two profiles")).reference
    second = tickets.open(request("r2", about="Level 2 is missing")).reference
    tickets.claim(first, ANNA, "console")
    assert call("list")[1].count("CRT-") == 2
    for words, found in [
        (["--state", "new"], [second]),
        (["--state", "new", "--state", "assigned"], [first, second]),
        (["--mine", "Anna@example.com"], [first]),
        (["--search", "profiles"], [first]),
    ]:
        code, out, _ = call("list", "--json", *words)
        assert code == 0
        assert sorted(ticket["reference"] for ticket in json.loads(out)["tickets"]) == found
    assert call("list", "--search", "nowhere")[:2] == (0, "No tickets.\n")


def test_one_ticket_with_its_history(tickets, call):
    reference = tickets.open(request()).reference
    tickets.reply(reference, ANNA, "It will come\non Monday.", "console")
    code, out, _ = call("show", reference.lower())
    assert code == 0
    for part in (
        "jane@example.com (proven)",
        "Level 2 is missing.",
        "user: where is my",
        "replied by anna@example.com",
    ):
        assert part in out
    shown = json.loads(call("show", reference, "--json")[1])
    assert [event["what"] for event in shown["history"]] == ["opened", "replied"]
    assert shown["created_at"] == "2026-11-25T12:00:00Z"


def test_reply_resolve_and_reopen(tickets, call, monkeypatch):
    reference = tickets.open(request()).reference
    assert call("reply", reference, "--by", ANNA, "Which address?")[0] == 0
    assert tickets.get(reference).state is State.WAITING
    monkeypatch.setattr("sys.stdin", io.StringIO("Issued.\nHave fun."))
    assert json.loads(call("resolve", reference, "--by", ANNA, "-", "--json")[1])["state"] == "resolved"
    assert tickets.events(reference)[-1].text == "Issued.\nHave fun."
    assert call("reopen", reference, "--by", "ben@example.com")[0] == 0
    assert tickets.get(reference).state is State.REOPENED


@pytest.mark.parametrize("action", ["reply", "resolve"])
def test_what_is_not_filled_in_goes_out_only_where_the_options_say_so(tickets, call, action):
    reference = tickets.open(request()).reference
    code, _, told = call(action, reference, "--by", ANNA, "Hello {nmae}")
    assert code == 1 and "{nmae} is not filled in" in told and "--as-it-stands" in told
    assert tickets.get(reference).state is State.NEW
    assert call(action, reference, "--by", ANNA, "--as-it-stands", "Hello {nmae}")[0] == 0
    assert tickets.events(reference)[-1].text == "Hello {nmae}"


@pytest.mark.parametrize(("channel", "words"), [("site", "chat"), ("form", "form"), ("slack", "Slack")])
def test_a_ticket_says_how_it_came(tickets, call, channel, words):
    reference = tickets.open(request(channel=channel)).reference
    out = call("show", reference)[1]
    assert f"UTC by {words}, reason" in out and f"opened by learner ({words})" in out


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["show", "CRT-2026-99999"], 1, "There is no ticket CRT-2026-99999."),
        (["reply", "CRT-2026-00001", "--by", ANNA, " "], 1, ""),
        (["reply", "CRT-2026-00001", "--by", "anna", "Hello"], 2, "'anna' is no e-mail address."),
        (["resolve", "CRT-2026-00001", "--by", "eve@example.com"], 2, "eve@example.com is not one of STAFF_EMAILS."),
        (["list", "--mine", "me"], 2, "'me' is no e-mail address."),
        (["list", "--page", "0"], 2, "--page is counted from 1."),
        (["requeue", "no-such-letter"], 1, "No letter no-such-letter was given up"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(tickets, call, words, code, complaint):
    before = tickets.open(request())
    found, _, told = call(*words)
    assert (found, told.startswith(complaint), "Traceback" in told) == (code, True, False)
    assert told.strip()
    assert tickets.get(before.reference) == before


def test_letters_that_were_given_up_are_tried_again(tickets, services, call):
    tickets.open(request())
    with services.database.transaction() as connection:
        connection.execute(outbox.update().values(dead_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)))
        (letter, *_) = connection.execute(outbox.select()).scalars().all()
    assert call("requeue", letter)[:2] == (0, "1 letters will be tried again.\n")
    assert json.loads(call("requeue", "--json")[1]) == {"requeued": 1}
    assert services.outbox.counts().dead == 0
