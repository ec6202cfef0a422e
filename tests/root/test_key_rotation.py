"""The site's secret key is changed while people are there: what was signed before counts until the old one goes."""

import re

import pytest

from bot import bootstrap
from bot.errors import InvalidSetting, InvalidToken
from bot.identity.proof import Proven
from bot.settings import Settings
from bot.site.app import create_app
from bot.tickets.addresses import TicketAddresses
from bot.tokens import action_key, calls_actions, sign_message_token, verify_message_token
from tests.attachments.files import pdf
from tests.servers.rasa import RasaServer
from tests.servers.staff import ANNA, Mailbox, Staff
from tests.site.test_attachments import add
from tests.watching.conftest import JANE, complete, issue

OLD, NEW, OTHER = ("old-" * 8, "new-" * 8, "other-" * 6)
TICKETS = "tickets@help.example.com"


@pytest.fixture()
def house(tmp_path, sqlite_url):
    """Builds the services of a process with a key, and further ones whose signatures it takes."""
    built, rasas = [], {key: RasaServer(key) for key in (OLD, NEW)}

    def build(key, *accepted):
        given = {
            "RASA_URL": rasas[key].url,
            "SITE_SECRET_KEY": key,
            "SITE_SECRET_KEYS_ACCEPTED": ",".join(accepted),
            "DATABASE_URL": sqlite_url,
            "ATTACHMENTS_URL": f"folder:{tmp_path}/attachments",
            "STAFF_EMAILS": ANNA,
            "REPLY_ADDRESS": TICKETS,
        }
        built.append(bootstrap.build(Settings.load(given)))
        return built[-1]

    yield build
    for services in built:
        services.database.engine.dispose()
    for rasa in rasas.values():
        rasa.close()


def moved(client, services):
    """The same browser, with its cookies, at a site with other keys."""
    there = create_app(services).test_client()
    for cookie in client._cookies.values():
        there.set_cookie(cookie.key, cookie.value, path=cookie.path)
    return there


def test_whoever_chats_goes_on_in_the_same_conversation(house):
    before = create_app(house(OLD)).test_client()
    token = before.post("/api/conversations", json={}).json["token"]
    added = add(before, pdf()).json
    for services, status in ((house(NEW, OLD), 200), (house(NEW), 401)):
        after = moved(before, services)
        assert after.get("/api/messages").status_code == status
        shown = {"Authorization": f"Bearer {token}"}
        assert create_app(services).test_client().get("/api/messages", headers=shown).status_code == status
        assert after.get(f"/api/attachments/{added['id']}").status_code == status


def test_what_is_signed_after_the_change_is_signed_with_the_new_key(house):
    now = create_app(house(NEW, OLD)).test_client()
    now.post("/api/conversations", json={})
    assert moved(now, house(NEW)).get("/api/messages").status_code == 200
    assert moved(now, house(OLD)).get("/api/messages").status_code == 401
    assert moved(now, house(OLD, NEW)).get("/api/messages").status_code == 200  # the step before, on another replica


def test_staff_stay_signed_in(house):
    services = house(OLD)
    anna = Staff(create_app(services), Mailbox(services.database)).sign_in(ANNA)
    assert moved(anna.client, house(NEW, OLD)).get("/console/").status_code == 200
    assert moved(anna.client, house(NEW)).get("/console/").status_code == 303


def test_a_code_that_is_on_its_way_is_still_right(house):
    services = house(OLD)
    services.identity.request_code("c1", JANE, "site")
    code = Mailbox(services.database).code(JANE)
    assert house(NEW).identity.check_code("c1", code) != Proven(JANE)
    assert house(NEW, OTHER, OLD).identity.check_code("c1", code) == Proven(JANE)


def test_rasa_and_the_action_server_take_either_key():
    token, key = sign_message_token(OLD, "c1", "site"), f"Bearer {action_key(OLD)}"
    assert verify_message_token(NEW, token, [OTHER, OLD]).conversation_id == "c1"
    assert calls_actions(NEW, key, [OTHER, OLD])
    with pytest.raises(InvalidToken):
        verify_message_token(NEW, token, [OTHER])
    assert not calls_actions(NEW, key, [OTHER])


def test_answers_to_mails_of_before_find_their_ticket(house):
    known = TicketAddresses(OLD, TICKETS).of("CRT-2026-00001")
    assert house(NEW, OLD).received.addresses.reference(known) == "CRT-2026-00001"
    assert house(NEW).received.addresses.reference(known) is None
    assert house(NEW, OLD).received.addresses.of("CRT-2026-00001") != known


def stop_token(services):
    mail = Mailbox(services.database).to(JANE)[-1]
    return re.search(r"/watches/stop/([\w.-]+)", mail.text)[1]


def watching_house(build, key, *accepted):
    services = build(key, *accepted)
    services.store.create("c1", "site", services.clock())
    issue(services, "other@example.com", "Level 1")  # else the source of badges counts as away
    for title in ("Level 1", "Level 2", "Level 3"):
        complete(services, JANE, title, completed_on=services.issuance.today())
    return services


def hours_pass(services):
    """Every watch is due again."""
    from bot.watching.store import watches

    with services.database.transaction() as connection:
        earlier = services.clock() - services.purge.age / 2
        connection.execute(watches.update().values(checked_at=earlier))


def test_links_to_stop_end_all_watches_begun_under_either_key(house):
    before = watching_house(house, OLD)
    before.watching.begin("c1", [JANE], ["level_1"])
    before.watching.begin("c1", [JANE], ["level_2"])
    issue(before, JANE, "Level 1")
    hours_pass(before)
    before.watching.check_some()
    old_link = stop_token(before)
    after = house(NEW, OLD)
    after.watching.begin("c1", [JANE], ["level_3"])
    after.watching.begin("c1", ["john@example.com"])
    assert after.watching.is_waiting(old_link)
    new_link = house(NEW).watching._links.of(JANE).rpartition("/")[2]
    assert new_link != old_link and after.watching.is_waiting(new_link)
    assert len(after.watching.of_conversation("c1")) == 2
    assert after.watching.stop_by_link(new_link) == 2 and not after.watching.is_waiting(old_link)
    with pytest.raises(InvalidToken):
        house(NEW).watching.is_waiting(old_link)


@pytest.mark.parametrize("keys", ["short", f"{OLD},short"])
def test_a_short_key_is_refused_here_too(keys):
    with pytest.raises(InvalidSetting, match="SITE_SECRET_KEYS_ACCEPTED must have at least 32") as refused:
        Settings.load({"SITE_SECRET_KEY": NEW, "SITE_SECRET_KEYS_ACCEPTED": keys})
    assert "short" not in str(refused.value).replace("SITE_SECRET", "")
