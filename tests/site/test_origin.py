"""Other sites: what they may load and ask, and what they cannot make a browser do."""

import dataclasses

import pytest

from bot.errors import InvalidSetting
from bot.settings import Settings
from bot.site.app import create_app

FRIEND, STRANGER = "https://learn.example.com", "https://evil.example"


@pytest.fixture()
def embedded(services):
    """A site that one other may embed, behind one proxy."""
    settings = services.settings.copy(update={"allowed_origins": (FRIEND,), "trusted_proxies": 1})
    return create_app(dataclasses.replace(services, settings=settings)).test_client()


def begin(client, **headers):
    return client.post("/api/conversations", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_friend_may_talk_by_token_after_asking(embedded):
    asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    preflight = embedded.options("/api/messages", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == FRIEND
    assert {"Authorization", "Content-Type"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
    begun = begin(embedded, Origin=FRIEND, Sec_Fetch_Site="cross-site")
    assert (begun.status_code, begun.headers["Access-Control-Allow-Origin"]) == (201, FRIEND)
    assert "Access-Control-Allow-Credentials" not in begun.headers
    headers = {"Origin": FRIEND, "Authorization": f"Bearer {begun.get_json()['token']}"}
    said = embedded.post("/api/messages", json={"text": "hi"}, headers=headers)
    assert (said.status_code, said.headers["Access-Control-Allow-Origin"]) == (200, FRIEND)


def test_errors_can_be_read_by_a_friend_too(embedded):
    refused = embedded.get("/api/messages", headers={"Origin": FRIEND, "Authorization": "Bearer forged"})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, FRIEND)


@pytest.mark.parametrize(
    "origin",
    [STRANGER, "null", FRIEND + ".evil.example", FRIEND.replace("https", "http"), "", "http://[", "http://a]b"],
)
def test_a_stranger_may_neither_read_nor_change(embedded, origin):
    answers = [
        embedded.options("/api/messages", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
        embedded.get("/api/messages", headers={"Origin": origin}),
        begin(embedded, Origin=origin),
    ]
    assert all("Access-Control-Allow-Origin" not in answer.headers for answer in answers)
    assert all("Origin" in answer.headers["Vary"] for answer in answers)
    assert answers[-1].status_code == 403 and answers[-1].get_json()["error"]["code"] == "forbidden_origin"


@pytest.mark.parametrize("path", ["/console/sign-in", "/watches/stop/x"])
def test_a_friend_has_the_chat_alone(embedded, path):
    assert embedded.post(path, headers={"Origin": FRIEND, "Sec-Fetch-Site": "same-site"}).status_code == 403


def test_our_own_pages_and_programs_may(client):
    assert begin(client, Origin="http://localhost", Sec_Fetch_Site="same-origin").status_code == 201
    assert begin(client).status_code == 201


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_without_an_origin_the_browser_s_word_counts(client, site):
    assert begin(client, Sec_Fetch_Site=site).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_could_send_is_not_taken(client, kind):
    begin(client)
    answer = client.post("/api/messages", data=b'{"text": "hi"}', content_type=kind)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (415, "not_json")


@pytest.mark.parametrize("path", ["/widget.js", "/static/base.css"])
def test_the_widget_loads_from_anywhere(client, path):
    answer = client.get(path, headers={"Origin": STRANGER, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer.close()  # a file


def test_the_policy_is_strict_and_lets_friends_frame_the_page_but_not_the_console(embedded):
    page = embedded.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in page and "unsafe" not in page
    assert f"frame-ancestors 'self' {FRIEND};" in page
    for path in ("/console/", "/api/messages"):
        assert "frame-ancestors 'none'" in embedded.get(path).headers["Content-Security-Policy"]


def test_behind_tls_cookies_do_not_travel_unencrypted(embedded):
    plain, secure = begin(embedded), begin(embedded, X_Forwarded_Proto="https")
    assert "Secure" not in plain.headers["Set-Cookie"] and "Strict-Transport-Security" not in plain.headers
    assert "Secure" in secure.headers["Set-Cookie"] and "Strict-Transport-Security" in secure.headers


def test_nobody_can_claim_tls_without_a_trusted_proxy(client):
    assert "Secure" not in begin(client, X_Forwarded_Proto="https").headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("ALLOWED_ORIGINS", "https://a.example; script-src *"),
        ("ALLOWED_ORIGINS", "learn.example.com"),
        ("REDIS_URL", "localhost:6379"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(InvalidSetting, match=name):
        Settings.load({"SITE_SECRET_KEY": "k" * 32, name: value})


def test_origins_are_read_as_people_write_them():
    value = "https://Learn.Example.com/, http://localhost:3000"
    found = Settings.load({"SITE_SECRET_KEY": "k" * 32, "ALLOWED_ORIGINS": value}).allowed_origins
    assert found == ("https://learn.example.com", "http://localhost:3000")
