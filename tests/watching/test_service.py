"""From asking to be told to being told, once, on both databases."""

import datetime
import threading
import types
from dataclasses import replace

import pytest

from bot.errors import InvalidToken
from bot.issuance.record import BadgeState
from bot.retention.person import Retention
from bot.retention.tracker_events import TrackerEvents
from bot.watching import service
from tests.watching.conftest import (
    COMPLETED,
    HOUR,
    JANE,
    JOHN,
    LAST_DAY,
    WEDNESDAY,
    Away,
    complete,
    forget_badges,
    forget_completions,
    issue,
    mails,
    said,
    stop_link,
)


def titles(watches):
    return [one.title for one in watches]


def test_a_watch_keeps_what_is_needed_to_tell(watching):
    (begun,) = watching.begin("c1", [JANE]).begun
    (kept,) = watching.of_conversation("c1")
    assert kept == begun
    assert (kept.email, kept.credential, kept.title, kept.stage.value) == (JANE, "level_2", "Level 2", "issuing_window")
    assert (kept.passed_after, kept.created_at) == (LAST_DAY, WEDNESDAY)


def test_a_certification_is_waited_for_as_long_as_the_setting_says(watching, services):
    complete(services, JANE, "OneStream Certified Associate", result="passed", completed_on=COMPLETED)
    (begun,) = watching.begin("c1", [JANE], ["certified_associate"]).begun
    assert begun.passed_after == datetime.date(2027, 1, 24)


def test_asking_twice_is_one_watch_told_where_it_was_asked_for_last(watching):
    watching.begin("c1", [JANE])
    again = watching.begin("c2", [JANE])
    assert (titles(again.begun), titles(again.known)) == ([], ["Level 2"])
    assert titles(watching.of_conversation("c2")) == ["Level 2"] and watching.of_conversation("c1") == []


def test_two_who_ask_at_the_same_moment_begin_one_watch(build, services):
    begun, ready = [], threading.Barrier(2)

    def ask(own, conversation_id):
        ready.wait()
        begun.extend(own.watching.begin(conversation_id, [JANE]).begun)

    threads = [threading.Thread(target=ask, args=(build(), name)) for name in ("c1", "c2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles(begun) == ["Level 2"]


def test_what_is_there_is_not_waited_for(watching, services):
    issue(services, JANE, "Level 2", BadgeState.ACCEPTED)
    found = watching.begin("c1", [JANE], ["level_2"])
    assert (found.begun, found.known) == ((), ())
    assert [one.title for one in found.settled] == ["Level 2"] and found.sources_known
    assert watching.begin("c1", [JANE]).settled == ()
    assert watching.of_conversation("c1") == []


def test_with_a_source_away_nothing_is_begun_and_it_is_known_why(watching, services, monkeypatch):
    monkeypatch.setattr(services.issuance, "_badges", Away())
    found = watching.begin("c1", [JANE])
    assert not found.begun and not found.sources_known


def test_what_has_not_changed_is_not_told(watching, services, clock):
    watching.begin("c1", [JANE])
    for _ in range(5):
        clock.go(hours=1)
        assert watching.check_some() == service.Round(1, 0, service.CHECK_SECONDS)
    assert mails(services) == [] and said(services) == []
    assert titles(watching.of_conversation("c1")) == ["Level 2"]


def test_each_is_looked_at_once_an_hour(watching, clock):
    watching.begin("c1", [JANE])
    assert watching.check_some().checked == 0  # it was looked up when it began
    clock.go(minutes=30)
    assert watching.check_some().checked == 0
    clock.go(minutes=30)
    assert [watching.check_some().checked for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (BadgeState.PENDING, "waiting for you to claim it"),
        (BadgeState.ACCEPTED, "issued on 28 November 2026 and accepted"),
        (BadgeState.REJECTED, "marked as declined"),
        (BadgeState.REVOKED, "revoked since"),
    ],
)
def test_what_has_changed_is_told_by_mail_and_in_the_conversation_once(watching, services, clock, state, words):
    watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2", state)
    assert watching.check_some().told == 1
    (mail,) = mails(services)
    assert (mail.to, mail.subject, mail.reply_to) == (JANE, "News about Level 2", services.settings.certification_email)
    for text in (mail.text, mail.html):
        assert words in text and "/watches/stop/" in text and "**" not in text
    ((role, utterance, text),) = said(services)
    assert (role, utterance) == ("bot", "utter_watch_news") and words in text
    clock.go(hours=2)
    assert watching.check_some() == service.Round(0, 0, service.CHECK_SECONDS)
    assert watching.of_conversation("c1") == [] and len(mails(services)) == 1


def test_the_badge_comes_with_its_address(watching, services, clock):
    watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2", BadgeState.ACCEPTED, url="https://www.credly.com/badges/b1")
    watching.check_some()
    assert "https://www.credly.com/badges/b1" in mails(services)[0].text
    assert "https://www.credly.com/badges/b1" in said(services)[0][2]


def test_when_the_day_has_passed_it_is_said_and_the_team_offered(watching, services, clock):
    watching.begin("c1", [JANE])
    clock.at = datetime.datetime.combine(LAST_DAY, datetime.time(23), datetime.timezone.utc)
    assert watching.check_some().told == 0
    clock.go(hours=1)
    assert watching.check_some().told == 1
    (mail,) = mails(services)
    assert mail.subject == "Not there yet: Level 2"
    assert "overdue" in mail.text and "certification team" in mail.text and "certification team" in mail.html
    (message,) = services.store.all("c1")
    assert message.utterance == "utter_watch_passed" and "overdue" in message.text
    assert "/escalate" in [button["payload"] for button in message.buttons]
    assert watching.of_conversation("c1") == []


def test_a_certification_that_does_not_come_is_told_after_the_setting(watching, services, clock):
    complete(services, JANE, "OneStream Certified Associate", result="passed", completed_on=COMPLETED)
    watching.begin("c1", [JANE], ["certified_associate"])
    clock.go(days=60)
    assert watching.check_some().told == 0
    clock.go(days=1)
    assert watching.check_some().told == 1
    assert "you passed the exam" in mails(services)[0].text


def test_a_training_that_is_completed_is_told_and_waited_for_on(watching, services, clock):
    complete(services, JOHN, "Level 3", percent=60)
    watching.begin("c1", [JOHN])
    clock.go(days=2)
    complete(services, JOHN, "Level 3", completed_on=datetime.date(2026, 11, 26))
    assert watching.check_some().told == 1
    assert "writes again" in mails(services)[0].text and "on its way" in said(services)[0][2]
    (kept,) = watching.of_conversation("c1")
    assert (kept.stage.value, kept.passed_after) == ("issuing_window", datetime.date(2026, 12, 7))
    clock.go(days=1)
    assert watching.check_some().told == 0
    issue(services, JOHN, "Level 3")
    clock.go(days=1)
    assert watching.check_some().told == 1
    assert len(mails(services)) == 2 and watching.of_conversation("c1") == []


@pytest.mark.parametrize("source", ["_badges", "_completions"])
def test_a_source_that_is_away_changes_nothing_and_is_left_alone_for_a_while(
    watching, services, clock, monkeypatch, source
):
    watching.begin("c1", [JANE])
    complete(services, JANE, "Level 1", completed_on=COMPLETED)
    watching.begin("c1", [JANE])
    clock.go(days=30)  # the day has passed, but nobody knows whether it came
    own = getattr(services.issuance, source)
    monkeypatch.setattr(services.issuance, source, Away())
    assert watching.check_some() == service.Round(1, 0, service.AWAY_SECONDS)
    assert mails(services) == [] and len(watching.of_conversation("c1")) == 2
    monkeypatch.setattr(services.issuance, source, own)
    clock.go(hours=1)
    assert watching.check_some().told == 2


def test_a_source_that_knows_nothing_at_all_is_no_news(watching, services, clock):
    watching.begin("c1", [JANE])
    forget_badges(services)
    clock.go(days=30)
    assert watching.check_some().told == 0


def test_a_record_that_is_gone_is_told_only_when_the_day_has_passed(watching, services, clock):
    watching.begin("c1", [JANE])
    forget_completions(services, JANE)
    clock.go(days=1)
    assert watching.check_some().told == 0
    clock.go(days=12)
    assert watching.check_some().told == 1
    assert "nothing for Level 2" in mails(services)[0].text


def test_a_round_is_bounded_in_number_and_in_time(watching, services, clock, monkeypatch):
    for number in range(service.WATCHES_A_ROUND + 1):
        complete(services, f"p{number}@example.com", "Level 2", completed_on=COMPLETED)
        watching.begin(f"c{number}", [f"p{number}@example.com"])
    clock.go(hours=1)
    clocks = types.SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(service, "time", clocks)  # its own: others look at the clock, too
    assert watching.check_some() == service.Round(service.WATCHES_A_ROUND, 0, 0.0)
    assert watching.check_some() == service.Round(1, 0, service.CHECK_SECONDS)
    clock.go(hours=1)
    clocks.monotonic = iter(range(0, 1000, 2)).__next__  # each look takes two seconds
    assert watching.check_some() == service.Round(2, 0, 0.0)


def test_two_workers_at_once_tell_once(build, services, clock):
    services.watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    told, ready = [], threading.Barrier(4)

    def work(own):
        ready.wait()
        told.append(own.watching.check_some().told)

    threads = [threading.Thread(target=work, args=(build(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 0, 0, 1]
    assert len(mails(services)) == len(said(services)) == 1


def test_two_workers_that_both_have_looked_tell_once(build, services, clock):
    """One was so slow that the other took the watch up again."""
    services.watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    slow, look = services.watching, services.watching._look

    def look_long(watch):
        found = look(watch)
        clock.go(hours=2)
        assert build().watching.check_some().told == 1
        return found

    slow._look = look_long
    assert slow.check_some().told == 0
    assert len(mails(services)) == len(said(services)) == 1


def test_two_workers_that_both_have_seen_a_training_completed_tell_once(build, services, clock):
    complete(services, JOHN, "Level 3", percent=60)
    services.watching.begin("c1", [JOHN])
    clock.go(days=2)
    complete(services, JOHN, "Level 3", completed_on=datetime.date(2026, 11, 26))
    slow, look = services.watching, services.watching._look

    def look_long(watch):
        found = look(watch)
        clock.go(hours=2)
        assert build().watching.check_some().told == 1
        return found

    slow._look = look_long
    assert slow.check_some().told == 0
    assert len(mails(services)) == len(said(services)) == 1


def test_a_crash_in_the_middle_tells_nothing_and_the_next_round_does(watching, services, clock, monkeypatch):
    watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    tell = watching._tell

    def crash(connection, news):
        tell(connection, news)
        raise RuntimeError

    monkeypatch.setattr(watching, "_tell", crash)
    with pytest.raises(RuntimeError):
        watching.check_some()
    assert mails(services) == [] and said(services) == []
    monkeypatch.setattr(watching, "_tell", tell)
    clock.at += HOUR
    assert watching.check_some().told == 1
    assert len(mails(services)) == len(said(services)) == 1


def test_the_mail_comes_though_the_conversation_is_gone(watching, services, clock):
    watching.begin("c1", [JANE])
    services.store.delete("c1")
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    assert watching.check_some().told == 1
    assert [mail.to for mail in mails(services)] == [JANE]


@pytest.fixture()
def three(watching, services):
    """Jane waits for two credentials in c1, John for one in c2."""
    complete(services, JANE, "Level 1", completed_on=COMPLETED)
    complete(services, JOHN, "Level 1", completed_on=COMPLETED)
    watching.begin("c1", [JANE])
    watching.begin("c2", [JOHN])
    return watching


def test_who_stops_in_the_chat_stops_their_own(three):
    assert three.stop("c1", []) == 2
    assert three.stop("c1", []) == 0
    assert titles(three.of_conversation("c2")) == ["Level 1"]


def test_a_proven_address_stops_what_was_begun_elsewhere(three):
    assert three.stop("c9", [JANE]) == 2
    assert len(three.of_conversation("c2")) == 1


def test_the_named_one_is_stopped_alone(three):
    assert three.stop("c1", [JANE], ["level_1"]) == 1
    assert titles(three.of_conversation("c1")) == ["Level 2"]
    assert three.stop("c1", [JANE], ["level_9"]) == 1  # not one of them: what else could be meant?


def test_the_link_in_a_mail_stops_all_of_its_address_without_naming_it(three, services, clock):
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    three.check_some()
    path = stop_link(mails(services)[0])
    token = path.rpartition("/")[2]
    assert "jane" not in path and three.is_waiting(token)
    assert three.stop_by_link(token) == 1
    assert not three.is_waiting(token) and three.stop_by_link(token) == 0
    assert three.of_conversation("c1") == [] and len(three.of_conversation("c2")) == 1


@pytest.mark.parametrize("change", [lambda token: token[:-2], lambda token: "x" + token, lambda token: ""])
def test_a_forged_link_stops_nothing(three, change):
    token = three._links.of(JANE).rpartition("/")[2]
    other = replace_secret(three._links).of(JANE).rpartition("/")[2]
    for forged in (change(token), other):
        with pytest.raises(InvalidToken):
            three.stop_by_link(forged)
        with pytest.raises(InvalidToken):
            three.is_waiting(forged)
    assert len(three.of_conversation("c1")) == 2


def replace_secret(links):
    return type(links)("another secret, 32 characters long", links._site)


def test_an_erased_person_is_told_nothing(three, services, clock, database_url):
    retention = Retention(services.database, TrackerEvents(database_url))
    exported = retention.export(JANE)["watches"]
    assert sorted((row["email"], row["title"]) for row in exported) == [(JANE, "Level 1"), (JANE, "Level 2")]
    assert "address_hash" not in exported[0]
    assert retention.erase(JANE)["watches"] == 2
    clock.go(days=30)
    issue(services, JANE, "Level 2")
    three.check_some()
    assert [mail.to for mail in mails(services)] == [JOHN]
    assert not any(retention.export(JANE)["watches"])


def test_who_is_erased_while_a_source_is_asked_is_told_nothing(watching, services, clock, database_url, monkeypatch):
    watching.begin("c1", [JANE])
    clock.go(days=3)
    issue(services, JANE, "Level 2")
    look = watching._look

    def look_while_erasing(watch):
        found = look(watch)
        Retention(services.database, TrackerEvents(database_url)).erase(JANE)
        return found

    monkeypatch.setattr(watching, "_look", look_while_erasing)
    assert watching.check_some().told == 0
    assert mails(services) == []


def test_a_watch_goes_with_its_age(three, services, clock):
    days = datetime.timedelta(days=services.settings.retention_days)
    services.purge.all(WEDNESDAY + days)
    assert len(three.of_conversation("c1")) == 2
    purged = services.purge.some(WEDNESDAY + days + datetime.timedelta(seconds=1))
    assert purged.watches == 3 and purged
    assert three.of_conversation("c1") == []


def test_only_addresses_that_were_asked_with_are_watched(watching, services):
    report = services.issuance.status([JANE])
    stranger = replace(report, diagnoses=tuple(replace(one, email=JOHN) for one in report.diagnoses))
    services.issuance.status = lambda addresses, credential="": stranger
    assert not watching.begin("c1", [JANE]).begun
