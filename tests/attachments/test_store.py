import datetime
import os
import uuid

import pytest

from bot.attachments.store import S3Store, store_of
from bot.errors import MissingFile, StoreUnavailable

NOW = datetime.datetime.now(datetime.timezone.utc)
LATER, EARLIER = NOW + datetime.timedelta(hours=1), NOW - datetime.timedelta(hours=1)
KEY = uuid.UUID(int=7).hex


@pytest.fixture()
def folder(tmp_path):
    return store_of(f"folder:{tmp_path}/attachments")


def test_many_contents_are_listed_each_once(store):
    keys = [uuid.UUID(int=number << 120).hex for number in range(8)]
    for key in keys:
        store.put(key, b"x")
    assert sorted(store.older_than(LATER)) == keys


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 100_000], ids=["nothing", "25.6 MB"])
def test_a_content_comes_back_as_it_was(store, content):
    store.put(KEY, content)
    assert store.get(KEY) == content


def test_erasing_leaves_what_is_others(store):
    store.put(KEY, b"x")
    store.put(KEY[::-1], b"y")
    store.delete(KEY)
    assert list(store.older_than(LATER)) == [KEY[::-1]]


def test_a_content_is_kept_found_and_taken_away(store):
    store.put(KEY, b"one")
    store.put(KEY, b"two")
    assert store.get(KEY) == b"two" and list(store.older_than(LATER)) == [KEY] and list(store.older_than(EARLIER)) == []
    store.delete(KEY)
    store.delete(KEY)
    with pytest.raises(MissingFile):
        store.get(KEY)


def test_nobody_else_on_the_machine_reads_it(folder, tmp_path):
    folder.put(KEY, b"x")
    paths = [tmp_path / "attachments", *(tmp_path / "attachments").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


@pytest.mark.parametrize("key", ["", "../../../etc/passwd", KEY.upper().replace("0", "A"), KEY + "\n", "a/b", KEY[:31]])
@pytest.mark.parametrize("act", ["get", "delete", "put"])
def test_nothing_but_a_key_leads_anywhere(store, key, act):
    with pytest.raises(ValueError):
        getattr(store, act)(key, *([b"x"] if act == "put" else []))


def test_what_was_not_written_to_its_end_is_no_content(folder, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.attachments.store.os.fsync", full)
    with pytest.raises(StoreUnavailable) as error:
        folder.put(KEY, b"x")
    assert KEY not in str(error.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_draft_of_a_process_that_died_is_swept(folder, tmp_path):
    folder.put(KEY, b"x")
    draft = tmp_path / "attachments" / "00" / f"{KEY}.0011"
    draft.write_bytes(b"ha")
    os.utime(draft, (0, 0))
    assert list(folder.older_than(EARLIER)) == [] and not draft.exists()


def test_the_setting_names_the_folder(tmp_path):
    store_of(f"folder:{tmp_path}/elsewhere").put(KEY, b"x")
    assert (tmp_path / "elsewhere" / KEY[:2] / KEY).read_bytes() == b"x"


def test_the_setting_names_the_bucket(s3):
    store = store_of(s3.url(prefix="help"))
    store.put(KEY, b"x")
    assert isinstance(store, S3Store) and list(s3.objects) == [f"help/{KEY}"]
