import datetime
import logging
import socket
import threading
import time
import uuid

import pytest

from bot.attachments import s3 as module
from bot.attachments.bucket import Bucket
from bot.attachments.s3 import S3Store
from bot.clock import now
from bot.errors import InvalidSetting, MissingFile, StoreUnavailable
from bot.settings import Settings
from tests.servers.authority import make
from tests.servers.s3 import S3Server

KEY = uuid.UUID(int=7).hex
LATER = now() + datetime.timedelta(hours=1)
ACTS = {
    "written": lambda store: store.put(KEY, b"x"),
    "read": lambda store: store.get(KEY),
    "changed": lambda store: store.delete(KEY),
    "listed": lambda store: list(store.older_than(LATER)),
}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)


@pytest.fixture()
def store(s3):
    store = store_at(s3.url())
    yield store
    store.close()


def store_at(url, **given):
    return S3Store(Bucket.parse(url), **given)


def refused(store, done):
    """What is said when something cannot be done."""
    with pytest.raises(StoreUnavailable, match=f"the bucket of attachments cannot be {done}") as error:
        ACTS[done](store)
    assert error.value.__cause__ is None
    return str(error.value)


@pytest.mark.parametrize("done", ACTS)
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"secret": "another"}, "the secret of ATTACHMENTS_URL is not the key's"),
        ({"bucket": "nowhere"}, "there is no such bucket"),
        ({"region": "elsewhere-1"}, "region="),
    ],
    ids=lambda given: "" if isinstance(given, str) else next(iter(given)),
)
def test_a_wrong_setting_is_named_once_and_nothing_secret(s3, done, wrong, why, caplog):
    caplog.set_level(logging.DEBUG)
    said = refused(store_at(s3.url(**wrong)), done)
    assert why in said and len(s3.requests) == 1 and why in caplog.text
    for secret in (s3.secret, "another", s3.key):
        assert secret not in said + caplog.text


def test_a_clock_that_is_wrong_is_said_so(s3):
    slow = store_at(s3.url(), clock=lambda: now() - datetime.timedelta(hours=1))
    assert "the clocks of this machine and of the store differ by too much" in refused(slow, "written")


@pytest.mark.parametrize(
    ("right", "done"), [("PUT", "written"), ("GET", "read"), ("DELETE", "changed"), ("LIST", "listed")]
)
def test_each_right_is_needed(s3, store, right, done):
    store.put(KEY, b"x")
    s3.rights.remove(right)
    assert "has no right to it" in refused(store, done)


def test_a_bucket_that_is_not_there_is_no_missing_file(s3, store):
    for code in ("NoSuchBucket", ""):
        s3.fail(404, code)
        refused(store, "read")
        s3.fail(404, code)
        refused(store, "changed")
    with pytest.raises(MissingFile):
        store.get(KEY)


def test_what_was_erased_before_is_no_error_and_what_was_not_kept_is(s3, store):
    s3.fail(404, "NoSuchKey")
    store.delete(KEY)
    s3.fail(404, "NoSuchKey")
    refused(store, "written")


@pytest.mark.parametrize("done", ACTS)
def test_a_store_that_is_away_is_said_so(done):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "ConnectError" in refused(store_at(f"s3://k:s@127.0.0.1:{port}/files?tls=0"), done)


@pytest.mark.parametrize("trouble", ["fail", "slow down", "drop", "lose_answer", "truncate"])
def test_a_passing_trouble_is_got_over(s3, store, trouble):
    def come():
        if trouble in ("fail", "slow down"):
            s3.fail(*(500, "InternalError") if trouble == "fail" else (503, "SlowDown"))
        elif trouble == "truncate":
            s3.truncate()
        else:
            getattr(s3, trouble)()

    come()
    store.put(KEY, b"one")
    come()
    assert store.get(KEY) == b"one"
    come()
    assert list(store.older_than(LATER)) == [KEY]
    come()
    store.delete(KEY)
    assert s3.objects == {}


@pytest.mark.parametrize("done", ACTS)
def test_tries_are_bounded(s3, store, done):
    s3.fail(503, "SlowDown", times=9)
    assert "HTTP 503, SlowDown" in refused(store, done) and len(s3.requests) == 3


def test_a_content_that_breaks_off_is_no_content(s3, store):
    s3.truncate(times=3)
    assert "RemoteProtocolError" in refused(store, "read")
    s3.until_closed()
    assert "may not be all" in refused(store, "read")


@pytest.mark.parametrize("done", ACTS)
def test_a_store_that_does_not_answer_is_waited_for_so_long(s3, done):
    s3.hang(times=9)
    began = time.monotonic()
    assert "ReadTimeout" in refused(store_at(s3.url(), seconds=0.2, longest=60.0), done)
    assert time.monotonic() - began < 10  # three tries


@pytest.mark.parametrize("done", ["read", "listed"])
def test_a_store_that_sends_a_byte_now_and_then_is_left(s3, done):
    s3.trickle(times=9)
    began = time.monotonic()
    assert "it takes too long" in refused(store_at(s3.url(), longest=0.5), done)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("done", ACTS)
@pytest.mark.parametrize("line", [b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Wait: 1\r\n", b"H"])
def test_a_store_whose_answer_never_begins_is_left(s3, done, line):
    s3.trickle_head(line, times=9)
    began = time.monotonic()
    refused(store_at(s3.url(), longest=0.5), done)
    assert time.monotonic() - began < 10


def test_a_store_that_takes_nothing_is_left():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        store = store_at(f"s3://k:s@127.0.0.1:{listening.getsockname()[1]}/files?tls=0", seconds=0.2, longest=60.0)
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="WriteTimeout|ReadTimeout"):
            store.put(KEY, bytes(30_000_000))
        assert time.monotonic() - began < 10


def test_an_answer_without_end_is_not_kept_in_memory(s3, store, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_CONTENT", 1000)
    store.put(KEY, bytes(1001))
    assert "too long" in refused(store, "read")
    s3.answer(bytes(module.LARGEST_PAGE + 1))
    assert "too long" in refused(store, "listed")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Be right back",
        b"",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult/>",
        b"<L><IsTruncated>true</IsTruncated></L>",
        b"<L><Contents><Key>" + KEY.encode() + b"</Key><LastModified>today</LastModified></Contents></L>",
    ],
)
def test_what_is_no_list_is_said_so(s3, store, body):
    s3.answer(body)
    assert "list" in refused(store, "listed")


OLD = f"<Contents><Key>{KEY}</Key><LastModified>2020-01-01T00:00:00Z</LastModified></Contents>"


@pytest.mark.parametrize("key", ["", OLD])
def test_a_list_without_end_ends(s3, store, key):
    for number in range(200):
        token = f"<NextContinuationToken>{number}</NextContinuationToken>"
        s3.answer(f"<L>{key}<IsTruncated>true</IsTruncated>{token}</L>".encode())
    assert "does not go on" in refused(store, "listed")


def test_a_list_of_endless_depth_is_none(s3, store):
    s3.answer(b"<a>" * 1_000_000)
    began = time.process_time()
    assert "is no list" in refused(store, "listed") and time.process_time() - began < 1


def test_a_list_that_goes_round_ends(s3, store):
    s3.answer(b"<L><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></L>", times=5)
    assert "does not go on" in refused(store, "listed") and len(s3.requests) == 2


@pytest.mark.parametrize("prefix", ["help", "a b+c/ü~*'()!$&,;=@:", "100%/a%2Fb", "q?x#y", '<&"'])
def test_odd_prefixes_reach_the_store_as_they_are(s3, prefix):
    store = store_at(s3.url(prefix=prefix))
    keys = [uuid.UUID(int=number).hex for number in range(5)]
    for key in keys:
        store.put(key, key.encode())
    assert sorted(s3.objects) == [f"{prefix}/{key}" for key in keys]
    assert list(store.older_than(LATER)) == keys and store.get(KEY.replace("7", "3")) == keys[3].encode()
    for key in keys:
        store.delete(key)
    assert s3.objects == {}


def test_objects_of_others_are_passed_over(s3):
    ours, other = store_at(s3.url(prefix="help")), store_at(s3.url())
    ours.put(KEY, b"x")
    other.put(KEY, b"y")
    s3.objects["help/readme.txt"] = s3.objects[f"help/sub/{KEY}"] = s3.objects[f"help/{KEY}"]
    assert list(ours.older_than(LATER)) == [KEY] and list(other.older_than(LATER)) == [KEY]


def test_many_threads_may_use_it(s3, store):
    keys = [uuid.UUID(int=number).hex for number in range(24)]
    threads = [threading.Thread(target=store.put, args=(key, key.encode())) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: kept.content for key, kept in s3.objects.items()} == {key: key.encode() for key in keys}


def test_the_certificate_of_the_store_is_verified(tmp_path):
    ca, certificate, key = make(tmp_path)
    server = S3Server(certificate=(certificate, key))
    try:
        store = store_at(server.url(options=f"ca={ca}"))
        store.put(KEY, b"x")
        assert store.get(KEY) == b"x"
        assert "is not trusted" in refused(store_at(server.url(options="")), "read")
    finally:
        server.close()


def test_a_file_of_authorities_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.pem").write_text("x")
    for file in ("missing.pem", "x.pem"):
        with pytest.raises(InvalidSetting, match="ca="):
            store_at(f"s3://k:s@store.example.com/files?ca={tmp_path / file}")


def test_the_address_says_it_all():
    bucket = Bucket.parse("s3://AK:a%2Fb+c%3D@S3.example.com/files/help/desk/?region=eu-central-1")
    assert (bucket.origin, bucket.name, bucket.prefix) == ("https://s3.example.com", "files", "help/desk/")
    assert (bucket.key.id, bucket.key.secret, bucket.key.region) == ("AK", "a/b+c=", "eu-central-1")
    assert "a/b+c=" not in repr(bucket) and "AK" not in repr(bucket)
    local = Bucket.parse("s3://k:s@[::1]:9000/files?tls=0")
    assert (local.origin, local.prefix, local.key.region) == ("http://[::1]:9000", "", "us-east-1")


@pytest.mark.parametrize(
    "url",
    [
        "s3://host/files",
        "s3://AK@host/files",
        "s3://AK:hush@host",
        "s3://AK:hush@host/",
        "s3://AK:hush@/files",
        "s3://AK:hu/sh@host/files",
        "s3://AK:hush@host:99999/files",
        "s3://AK:hush@host/files?tls=no",
        "s3://AK:hush@host/files?hush",
        "s3://AK:hush@host/files?acl=public",
        "s3://AK:hush@host/files?region=EU%20hush",
        "s3://AK:hush@host/Files",
        "s3://AK:hush@host/f",
        "s3://AK:hush@host/files/../hush",
        "s3://AK:hush@host/files/a//hush",
        "s3://AK:hush@host/files/%00hush",
        "s3://AK:hush@host/files#hush",
        "s3://AK:hush%C3%BC@host/files",
        "s3:AK:hush@host/files",
        "S3 AK:hush@host/files",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(url):
    with pytest.raises(InvalidSetting, match="ATTACHMENTS_URL") as error:
        Bucket.parse(Settings.load({"SITE_SECRET_KEY": "x" * 32, "ATTACHMENTS_URL": url}).attachments_url)
    assert "hush" not in str(error.value) and error.value.__cause__ is None
