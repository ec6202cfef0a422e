"""The page behind the link in mails about what somebody waits for: no sign-in, and opening it changes nothing."""

import re

import pytest

from tests.watching.conftest import COMPLETED, JANE, complete, issue

JOHN = "john@example.com"


@pytest.fixture()
def path(services):
    """The link to stop of Jane, who waits for two credentials; John waits for one."""
    issue(services, "other@example.com", "Level 3")
    for email, title in ((JANE, "Level 1"), (JANE, "Level 2"), (JOHN, "Level 2")):
        complete(services, email, title, completed_on=COMPLETED)
    services.watching.begin("c1", [JANE])
    services.watching.begin("c2", [JOHN])
    return services.watching._links.of(JANE).removeprefix(services.settings.site_url)


def waiting(services):
    return [len(services.watching.of_conversation(name)) for name in ("c1", "c2")]


def test_opening_the_link_changes_nothing_and_shows_a_button(client, services, path):
    for _ in range(2):
        answer = client.get(path)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert re.search(r'<form method="post"><button[^>]*>Stop these mails</button></form>', answer.text)
        assert "jane" not in answer.text and "Level" not in answer.text  # a mail may be passed on
    assert client.head(path).status_code == 200
    assert waiting(services) == [2, 1]


def test_pressing_it_stops_all_of_this_address_and_pressing_it_again_too(client, services, path):
    for _ in range(2):
        answer = client.post(path)
        assert answer.status_code == 200 and "no more of these mails" in answer.text and "<form" not in answer.text
        assert waiting(services) == [0, 1]
    assert "<form" not in client.get(path).text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_stops_nothing(client, services, path, method):
    token = path.rpartition("/")[2]
    for forged in (token[:-3], token.swapcase(), f"{token}x", "x", "é"):
        answer = getattr(client, method)(f"/watches/stop/{forged}")
        assert answer.status_code == 404 and "This link does not work" in answer.text
        assert answer.mimetype == "text/html"
    assert waiting(services) == [2, 1]


def test_another_site_cannot_press_it(client, services, path):
    answer = client.post(path, headers={"Origin": "https://elsewhere.example.com"})
    assert answer.status_code == 403
    assert waiting(services) == [2, 1]


def test_the_page_names_nobody_in_the_log(client, path, caplog):
    caplog.set_level("INFO")
    client.post(path)
    assert path.rpartition("/")[2] not in caplog.text and JANE not in caplog.text
