"""Look-ups, their log, conversations and the person of a ticket in a browser: open to everyone, without script too."""

import pytest

import bot.clock
from bot import bootstrap
from bot.conversations.store import Message
from bot.issuance.samples import load_samples
from bot.tickets.ticket import TicketRequest
from tests.browser.test_console import DESK, PHONE, problems
from tests.browser.test_console import open_page as open_page  # noqa: PLC0414  a fixture
from tests.servers.staff import ANNA

KWAME = "kwame.mensah@example.com"


@pytest.fixture()
def services(settings):
    staff = frozenset({ANNA})
    built = bootstrap.build(settings.copy(update={"staff_emails": staff, "auditor_emails": staff}))
    load_samples(built.database, built.catalogue.key, built.issuance.today())
    for number in (1, 2):
        about = {"contact": KWAME, "about": f"Badge {number} is missing", "proven": (KWAME,)}
        built.tickets.open(TicketRequest(f"r{number}", "c", "site", separate=True, **about))
    built.store.create("c", "site", bot.clock.now())
    built.identity.prove_by_profile("c", KWAME)
    said = Message.new("user", "where is mine? " + "w" * 200, now=bot.clock.now())
    built.store.add("c", said, Message.new("bot", "It is **overdue**.", now=bot.clock.now()))
    return built


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_list_is_looked_up_and_each_is_in_the_table(open_page, script):
    page = open_page(java_script_enabled=script)
    page.get_by_role("link", name="Look-ups").click()
    page.get_by_label("E-mail addresses").fill(f"{KWAME}, amara.okafor@example.com")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("rowheader", name=KWAME).wait_for()
    page.get_by_role("cell", name="Not completed").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as CSV").click()
    assert saved.value.suggested_filename == "credentials.csv"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_open_to_everyone(open_page, size):
    page = open_page(color_scheme="light", viewport=size)
    found = {}
    page.get_by_role("link", name="Look-ups").click()
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("alert").wait_for()
    found["form"] = problems(page)
    everybody = [
        "kwame.mensah",
        "mei.tanaka",
        "sofia.rossi",
        "noor.ahmed",
        "tomasz.kowalski",
        "lucas.almeida",
        "minh.nguyen",
    ]
    page.get_by_label("E-mail addresses").fill(" ".join(f"{name}@example.com" for name in everybody) + " bad@x")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("link", name="Save as CSV").wait_for()
    found["table"] = problems(page)
    page.get_by_role("link", name="Look-ups", exact=True).click()
    page.get_by_role("link", name="Who looked at what").click()
    found["log"] = problems(page)
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("link", name="Badge 2 is missing").click()
    found["ticket"] = problems(page)
    page.get_by_role("link", name="where is mine?").click()
    found["conversation"] = problems(page)
    assert not any(found.values()), found
