import datetime
import threading

import pytest
import sqlalchemy as sql

from bot.database import Database
from bot.errors import SourceUnavailable
from bot.issuance.catalogue import Catalogue, Credential
from bot.issuance.record import Badge, BadgeState, Completion, Kind
from bot.issuance.store import Changes, CompletionStore, LocalBadges, completions, write_badges

ALICE, BOB = "alice@example.com", "bob@example.com"
MAY, JUNE = datetime.date(2026, 5, 4), datetime.date(2026, 6, 1)


def line(email=ALICE, credential="level_1", percent=100, completed_on=MAY, result="", **more):
    return Completion(email, credential, credential, percent, completed_on, result, **more)


def badge(number, email=ALICE, issued_on=MAY, **more):
    return Badge(number, email, "level_1", "Level 1", BadgeState.ACCEPTED, issued_on, **more)


@pytest.fixture()
def store(database):
    return CompletionStore(database)


def issue(database, *issued):
    with database.transaction() as connection:
        write_badges(connection, issued)


def test_a_line_comes_back_as_it_was_kept(store):
    full = Completion(ALICE, "level_1", "Lével 1", 60, None, "", "Alice Ångström")
    dated = Completion(ALICE, "exam", "Exam", None, MAY, "failed", "Alice")
    store.add([full, dated])
    assert store.completions([ALICE]) == [dated, full]


def test_alice_does_not_get_bobs_lines(store):
    store.add([line(), line(BOB)])
    assert [found.email for found in store.completions([ALICE])] == [ALICE]
    assert store.completions(["charlie@example.com"]) == []
    assert store.completions([]) == []


def test_an_address_is_found_whatever_its_capitals_and_named_twice_only_once(store):
    store.add([line()])
    assert len(store.completions(["Alice@Example.COM", ALICE])) == 1


def test_two_addresses_of_one_person_come_together_newest_first(store):
    store.add([line(completed_on=MAY), line(BOB, completed_on=JUNE), line(BOB, "level_2", 40, None)])
    assert [found.completed_on for found in store.completions([ALICE, BOB])] == [JUNE, MAY, None]


def test_adding_the_same_again_changes_nothing(store):
    lines = [line(), line(credential="level_2", percent=30, completed_on=None), line(BOB, "exam", result="failed")]
    assert store.add(lines) == Changes(new=3)
    assert store.add(lines) == Changes(unchanged=3)
    assert len(store.completions([ALICE, BOB])) == 3


def test_an_exam_taken_on_two_days_is_two_attempts(store):
    store.add([line(result="failed", completed_on=MAY)])
    assert store.add([line(result="passed", completed_on=JUNE)]) == Changes(new=1)
    assert [found.result for found in store.completions([ALICE])] == ["passed", "failed"]


def test_a_result_that_comes_later_or_is_corrected_is_the_same_attempt(store):
    store.add([line(result="")])
    assert store.add([line(result="passed")]) == Changes(changed=1)
    assert store.add([line(result="failed")]) == Changes(changed=1)
    assert [found.result for found in store.completions([ALICE])] == ["failed"]


def test_progress_of_a_course_is_one_line_that_moves_on(store):
    store.add([line(percent=20, completed_on=None)])
    assert store.add([line(percent=60, completed_on=MAY)]) == Changes(changed=1)
    assert [found.percent for found in store.completions([ALICE])] == [60]


@pytest.mark.parametrize("first", ["unfinished", "finished"])
def test_a_finished_course_replaces_its_unfinished_line_in_any_order(store, first):
    lines = [line(percent=60, completed_on=None), line(completed_on=JUNE)]
    for one in lines if first == "unfinished" else reversed(lines):
        store.add([one])
    assert store.completions([ALICE]) == [line(completed_on=JUNE)]


def test_a_course_begun_again_later_is_still_shown(store):
    again = line(percent=30, completed_on=JUNE)
    store.add([line(completed_on=MAY), again])
    assert store.completions([ALICE]) == [again, line(completed_on=MAY)]


def test_one_credential_does_not_hide_another_nor_one_address_another(store):
    store.add([line(), line(credential="level_2", percent=10, completed_on=None), line(BOB, percent=5)])
    assert len(store.completions([ALICE, BOB])) == 3


@pytest.mark.parametrize(
    ("undated", "dated", "stays"),
    [("passed", "failed", True), ("passed", "passed", False), ("failed", "passed", True), ("", "failed", True)],
)
def test_an_outcome_without_a_day_is_never_hidden_by_another_outcome(store, undated, dated, stays):
    store.add([line(completed_on=None, result=undated), line(result=dated)])
    assert len(store.completions([ALICE])) == 1 + stays


def test_a_dry_run_counts_and_writes_nothing(store):
    store.add([line()])
    what = [line(name="Alice"), line(BOB), line(BOB)]
    assert store.add(what, dry_run=True) == Changes(new=1, changed=1)
    assert store.completions([ALICE, BOB]) == [line()]


def test_a_failure_keeps_none_of_a_batch(store):
    with pytest.raises(sql.exc.SQLAlchemyError):
        store.add([line(), line(BOB, name=None)])
    assert store.completions([ALICE, BOB]) == []


def test_imports_that_run_together_all_finish_and_double_nothing(database_url, store):
    lines = [line(f"learner{number}@example.com", f"level_{level}") for number in range(100) for level in range(3)]
    errors, start = [], threading.Barrier(4)

    def work(lines):
        own = Database(database_url)
        start.wait()
        try:
            for place in range(0, len(lines), 50):
                CompletionStore(own).add(lines[place : place + 50])
        except sql.exc.SQLAlchemyError as error:
            errors.append(error)
        own.engine.dispose()

    threads = [threading.Thread(target=work, args=(lines[::step],)) for step in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.add(lines) == Changes(unchanged=len(lines))


def test_lines_join_a_credential_that_the_catalogue_learns_later(store, database):
    old = Completion(ALICE, "report design", "Report design", 100, MAY)
    store.add([old, Completion(BOB, "report design", "Report design", 100, MAY), line()])
    store.add([Completion(BOB, "report_design", "Report Design", 100, MAY)])
    catalogue = Catalogue([Credential("report_design", "Report Design", Kind.MICRO_CREDENTIAL, ())])
    assert store.join_catalogue(catalogue) == 1
    assert store.join_catalogue(catalogue) == 0
    joined = [found for found in store.completions([ALICE, BOB]) if found.credential != "level_1"]
    assert {(found.email, found.credential, found.title) for found in joined} == {
        (ALICE, "report_design", "Report Design"),
        (BOB, "report_design", "Report Design"),
    }
    assert len(joined) == 2


def test_badges_come_newest_first_for_all_addresses_and_nobody_elses(database):
    full = badge("2", issued_on=JUNE, expires_on=MAY, url="https://example.com/2", name="Alice", issuer="Someone")
    issue(database, badge("1"), full, badge("3", BOB), badge("4", "charlie@example.com"))
    assert LocalBadges(database).badges(["ALICE@example.com", BOB]) == [full, badge("1"), badge("3", BOB)]


def test_without_any_badge_nobody_knows_what_was_issued(database):
    source = LocalBadges(database)
    with pytest.raises(SourceUnavailable):
        source.badges([ALICE])
    issue(database, badge("1", BOB))
    assert source.badges([ALICE]) == []


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:///{folder}"])
def test_a_database_that_does_not_answer_is_a_source_unavailable_without_addresses(url, tmp_path):
    database = Database(url.format(folder=tmp_path))
    for ask in (CompletionStore(database).completions, LocalBadges(database).badges):
        with pytest.raises(SourceUnavailable) as raised:
            ask([ALICE])
        assert ALICE not in str(raised.value)
        assert raised.value.__suppress_context__


@pytest.fixture()
def many(database):
    with database.transaction() as connection:
        learners = [f"learner{number}@example.com" for number in range(20_000)]
        rows = [{**vars(line(email)), "attempt": MAY.isoformat()} for email in learners]
        connection.execute(completions.insert(), rows)
        write_badges(connection, [badge(str(number), email) for number, email in enumerate(learners)])
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return database


def statements(database, work):
    seen = []

    def listen(connection, cursor, statement, parameters, *more):
        seen.append((statement, parameters))

    sql.event.listen(database.engine, "before_cursor_execute", listen)
    work()
    sql.event.remove(database.engine, "before_cursor_execute", listen)
    return seen


@pytest.mark.parametrize("source", ["completions", "badges"])
def test_a_look_up_of_several_addresses_is_one_statement_that_reads_by_index(many, source):
    ask = CompletionStore(many).completions if source == "completions" else LocalBadges(many).badges
    seen = statements(many, lambda: ask(["learner7@example.com", "learner8@example.com", "learner9@example.com"]))
    assert len(seen) == 1
    statement, parameters = seen[0]
    explain = "EXPLAIN QUERY PLAN " if many.engine.dialect.name == "sqlite" else "EXPLAIN "
    with many.transaction() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
    assert "Index" in plan or "SEARCH" in plan
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan


def test_asking_whether_any_badge_is_known_does_not_count_them(many):
    (_, (statement, parameters)) = statements(many, lambda: LocalBadges(many).badges(["nobody@example.com"]))
    assert "LIMIT" in statement
    assert "count" not in statement
