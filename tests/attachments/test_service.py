import datetime

import pytest

from bot import bootstrap
from bot.attachments import service
from bot.attachments.attachment import Upload
from bot.attachments.limits import FILES_IN_ALL, FILES_PER_CONVERSATION, FILES_PER_NETWORK
from bot.errors import FileRefused, StoreUnavailable, TooManyFiles, UnknownFile
from bot.settings import Settings
from tests.attachments.files import pdf, picture
from tests.conftest import SECRET
from tests.tickets.conftest import request


class Clock:
    """The time, moved by hand."""

    def __init__(self):
        self.now = datetime.datetime.now(datetime.timezone.utc)

    def __call__(self):
        return self.now


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def services(database_url, store_url, clock):
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "ATTACHMENTS_URL": store_url}
    built = bootstrap.build(Settings.load({**given, "ATTACHMENT_MEGABYTES": "1"}), clock)
    for name in ("c1", "c2"):
        built.store.create_once(name, "site", clock())
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def files(services):
    return services.attachments


def kept(files):
    return list(files.store.older_than(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)))


def test_a_file_is_kept_once_however_often_it_comes(files):
    first, second = (files.from_learner(Upload("a.pdf", pdf()), "c1", key="ab" * 16) for _ in range(2))
    assert first == second and kept(files) == ["ab" * 16] and files.content(first.id) == pdf()


def test_a_content_that_was_changed_in_its_store_is_given_to_nobody(files, caplog):
    file = files.from_learner(Upload("a.pdf", pdf()), "c1")
    files.store.put(file.id, b"%PDF-1.7 of somebody else %%EOF")
    with pytest.raises(UnknownFile):
        files.content(file.id)
    assert files.enclosed(file.id) is None
    assert "not the one that was kept" in caplog.text and file.id not in caplog.text and "a.pdf" not in caplog.text


def test_a_file_that_comes_twice_at_the_limit_is_kept(files, services, monkeypatch):
    for number in range(FILES_PER_CONVERSATION[0].most - 1):
        files.from_learner(Upload(f"{number}.pdf", pdf()), "c1")
    key, done = "ab" * 16, service.ready

    def meanwhile(upload, largest):
        monkeypatch.setattr(service, "ready", done)
        files.from_learner(Upload("last.pdf", pdf()), "c1", key=key, shown=True)
        return done(upload, largest)

    monkeypatch.setattr(service, "ready", meanwhile)
    again = files.from_learner(Upload("last.pdf", pdf()), "c1", key=key, shown=True)
    assert again.id == key and files.content(key) == pdf()
    assert len(services.store.all("c1")) == 1


def test_what_is_refused_leaves_nothing(files, services):
    for content in (b"", b"<svg/>", bytes(1_000_001), picture("PNG", (99, 99))[:-40]):
        with pytest.raises(FileRefused):
            files.from_learner(Upload("a.png", content), "c1", shown=True)
    assert kept(files) == [] and services.store.all("c1") == [] and files.of_conversation("c1") == ()


def test_a_conversation_a_network_and_all_together_have_limits(files, clock, monkeypatch):
    def add(conversation="", network=""):
        return files.from_learner(Upload("a.pdf", pdf()), conversation, network)

    most = FILES_PER_CONVERSATION[0].most
    for _ in range(most):
        add("c1")
    with pytest.raises(TooManyFiles) as refused:
        add("c1")
    assert 0 < refused.value.retry_after <= 3600
    add("c2", "n1")
    for _ in range(FILES_PER_NETWORK[0].most - 1):
        add(network="n1")
    with pytest.raises(TooManyFiles):
        add(network="n1")
    for _ in range(FILES_IN_ALL[0].most - most - FILES_PER_NETWORK[0].most):
        add()
    with pytest.raises(TooManyFiles):
        add("c2", "n2")
    assert files.from_team(Upload("a.pdf", pdf()), "anna@example.com")  # the team is not held up
    clock.now += datetime.timedelta(hours=1, seconds=1)
    add("c1", "n1")


def test_files_of_a_conversation_go_with_its_ticket_and_die_with_it(files, services, clock):
    file = files.from_learner(Upload("a.pdf", pdf()), "c1", shown=True)
    other = files.from_learner(Upload("b.pdf", pdf()), "c2", shown=True)
    ticket = services.tickets.open(request("r1", conversation_id="c1"))
    assert [one.id for one in files.of_tickets([ticket.reference])] == [file.id]
    services.tickets.resolve(ticket.reference, "anna@example.com", via="console")
    clock.now += datetime.timedelta(days=91)
    assert services.purge.all(clock.now) == 2
    while files.sweep():
        pass
    with pytest.raises(UnknownFile):
        files.get(file.id)
    with pytest.raises(UnknownFile):
        files.get(other.id)
    assert kept(files) == []


def test_files_of_an_open_ticket_outlive_their_conversation(files, services, clock):
    file = files.from_learner(Upload("a.pdf", pdf()), "c1", shown=True)
    services.tickets.open(request("r1", conversation_id="c1"))
    clock.now += datetime.timedelta(days=91)
    services.purge.all(clock.now)
    files.sweep()
    assert files.content(file.id) == pdf()


def test_the_sweep_takes_what_belongs_to_nothing_and_leaves_what_has_just_come(files, clock):
    left = files.from_learner(Upload("a.pdf", pdf()))  # of a form that was never sent
    files.store.put("cd" * 16, b"of a process that died before it wrote the row")
    own = files.from_learner(Upload("b.pdf", pdf()), "c1", shown=True)
    assert files.sweep() == 0 and len(kept(files)) == 3
    clock.now += datetime.timedelta(days=1, minutes=1)
    assert files.sweep() == 2 and files.sweep() == 0
    assert kept(files) == [own.id]
    with pytest.raises(UnknownFile):
        files.get(left.id)


def test_a_store_that_is_away_loses_nothing_and_keeps_no_row(files, services, monkeypatch):
    def away(*args):
        raise StoreUnavailable("away")

    monkeypatch.setattr(files, "store", type("Away", (), {"put": away, "get": away})())
    with pytest.raises(StoreUnavailable):
        files.from_learner(Upload("a.pdf", pdf()), "c1", shown=True)
    assert files.of_conversation("c1") == () and services.store.all("c1") == []
