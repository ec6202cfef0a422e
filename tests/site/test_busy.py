"""What costs time has limits of its own, and what the operator's tools read is nobody else's."""

from types import SimpleNamespace

import pytest

from bot import bootstrap
from bot.errors import InvalidSetting
from bot.settings import Settings
from bot.site.app import create_app
from bot.site.errors import Refused
from bot.site.health import READINESS_SECONDS, Readiness
from bot.site.limits import LIMITS, InProgress, Limiter, around
from tests.conftest import SECRET

TOKEN = "the token of our Prometheus"


def site(tmp_path, rates=LIMITS, **given):
    settings = Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", **given})
    return create_app(bootstrap.build(settings), rates).test_client()


def get(client, path, address="198.51.100.7", **headers):
    return client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("searches of an address", "/?q=badge"),
        ("pages of an address", "/"),
        ("pages of an address", "/faq/what-is-credly"),
        ("checks of an address", "/readyz"),
        ("checks of an address", "/metrics"),
    ],
)
def test_pages_searches_and_checks_are_limited_for_each_address(tmp_path, name, path):
    client = site(tmp_path, {**LIMITS, name: "2/minute"}, METRICS_NETWORKS="198.51.100.0/24")
    assert 429 not in [get(client, path).status_code for _ in range(2)]
    refused = get(client, path)
    assert refused.status_code == 429 and 1 <= int(refused.headers["Retry-After"]) <= 60
    assert get(client, path, "198.51.100.8").status_code != 429


def test_who_searches_too_often_is_told_on_the_page_and_keeps_the_words(tmp_path):
    client = site(tmp_path, {**LIMITS, "searches of an address": "1/minute"})
    get(client, "/?q=badge")
    page = get(client, "/?q=missing+badge").get_data(as_text=True)
    assert "Please wait a minute" in page and 'value="missing badge"' in page and 'id="nothing" hidden' in page


@pytest.mark.parametrize("what", ["messages", "conversations", "searches"])
def test_each_counts_for_its_address_for_the_network_around_it_and_in_all(what):
    rates = {f"{what} of an address": "2/minute", f"{what} of a network": "3/minute", f"{what} in all": "4/minute"}
    assert set(rates) <= set(LIMITS)
    limiter = Limiter(rates=rates)

    def passes(address):
        try:
            limiter.check_caller(what, address)
        except Refused as refused:
            assert refused.status == 429
            return False
        return True

    assert [passes("192.0.2.1") for _ in range(4)] == [True, True, False, False]
    assert [passes("192.0.2.9") for _ in range(2)] == [True, False]  # the network has had three
    assert [passes("2001:db8:1::1"), passes("2001:db8:2::1")] == [True, False]  # four in all


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", "unknown"),
    ],
)
def test_the_network_around_an_address(address, network):
    assert around(address) == network


def test_of_one_caller_so_many_messages_are_answered_at_a_time():
    counted = InProgress(2)
    with counted.one_of("jane"), counted.one_of("jane"):
        with pytest.raises(Refused), counted.one_of("jane"):
            pass
        with counted.one_of("joe"):
            pass
    with counted.one_of("jane"):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.2.3.4", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1"])
def test_metrics_are_read_from_private_networks(tmp_path, address):
    assert get(site(tmp_path), "/metrics", address).status_code == 200


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::1", "172.32.0.1", ""])
def test_and_not_from_the_rest_of_the_world(tmp_path, address):
    answer = get(site(tmp_path), "/metrics", address)
    assert answer.status_code == 403 and b"site_requests" not in answer.data


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_nor_through_a_proxy_that_nobody_has_told_us_of(tmp_path, header):
    assert get(site(tmp_path), "/metrics", "127.0.0.1", **{header: "198.51.100.7"}).status_code == 403


def test_behind_a_proxy_of_ours_the_caller_counts(tmp_path):
    client = site(tmp_path, TRUSTED_PROXIES="1")
    assert get(client, "/metrics", "127.0.0.1", **{"X-Forwarded-For": "198.51.100.7"}).status_code == 403
    assert get(client, "/metrics", "127.0.0.1", **{"X-Forwarded-For": "10.0.0.5"}).status_code == 200


def test_the_token_opens_them_from_anywhere_and_another_does_not(tmp_path):
    client = site(tmp_path, METRICS_TOKEN=TOKEN, METRICS_NETWORKS="none")
    assert get(client, "/metrics", Authorization=f"Bearer {TOKEN}").status_code == 200
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"}):
        assert get(client, "/metrics", "127.0.0.1", **headers).status_code == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [("METRICS_NETWORKS", "everybody"), ("METRICS_NETWORKS", "10.0.0.1/8"), ("METRICS_TOKEN", "short")],
)
def test_what_cannot_be_meant_is_refused_by_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        Settings.load({"SITE_SECRET_KEY": SECRET, name: value})


def test_readiness_is_found_out_once_for_all_who_ask():
    looks, clock = [], SimpleNamespace(now=0.0)

    def look():
        looks.append(clock.now)
        return {"database": True}, True

    ready = Readiness(look, lambda: clock.now)
    assert [ready() for _ in range(50)] == [({"database": True}, True)] * 50 and len(looks) == 1
    clock.now += READINESS_SECONDS
    ready()
    assert len(looks) == 2
