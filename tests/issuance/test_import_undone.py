"""Imports with another format of dates, corrected by later ones, and undone."""

import datetime

import pytest

from bot.issuance.completions import CompletionImport, RowReader, WrongDateFormat
from bot.issuance.import_history import ImportHistory, UndoneMeanwhile
from bot.issuance.store import Changes, CompletionStore
from tests.issuance.test_completions import CATALOGUE, GOOD, TODAY, Rejections, export, normalise, read
from tests.issuance.test_completions import command as command  # noqa: PLC0414  a fixture

ALICE = "alice@example.com"
ROW = "alice@example.com,Alice,Level 1,100,{day},"


@pytest.fixture()
def store(database):
    return CompletionStore(database)


@pytest.fixture()
def history(database):
    return ImportHistory(database)


def run(store, history, *lines, date_format="%Y-%m-%d", **more):
    reader = RowReader(normalise, CATALOGUE, TODAY, date_format)
    return CompletionImport(store, reader, history).run(export(*lines), Rejections(), **more)


def days(store):
    return [f"{line.completed_on}" for line in store.completions([ALICE])]


@pytest.mark.parametrize(
    ("text", "result"),
    [("Pass", "passed"), ("PASSED", "passed"), ("Completed", "passed"), ("Fail", "failed"), ("Not Passed", "failed")],
)
def test_results_are_read_as_training_systems_write_them(text, result):
    assert read(result=text).result == result


def test_spaces_that_do_not_break_are_spaces():
    for space in ("\u00a0", "\u202f", "\u2009", ""):
        file = export(
            f'a@example.com,Al{space or " "}A.,Level 1,"100{space}%",2026-05-04{space or " "}10:30,Not passed'
        )
        found = read(**file.values(next(iter(file))))
        assert (found.percent, found.completed_on, found.name) == (100, datetime.date(2026, 5, 4), "Al A.")


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r", "sep=;;;;"])
def test_the_delimiter_may_be_named_before_the_header(line):
    header = "email;name;credential;percent;completed_on;result"
    file = export(header, GOOD.replace(",", ";"), header=line)
    rows = list(file)
    assert [(row.line, file.values(row)["result"]) for row in rows] == [(3, "passed")]


def test_a_tab_or_a_bar_may_be_named_too():
    for sign in ("\t", "|"):
        header = sign.join(["email", "name", "credential", "percent", "completed_on", "result"])
        file = export(header, GOOD.replace(",", sign), header=f"sep={sign}")
        assert file.values(next(iter(file)))["credential"] == "Level 1"


def test_a_file_with_dates_of_another_format_is_refused_whole_and_the_format_named(store, history):
    rows = ROW.format(day="11/02/2026"), ROW.format(day="25/10/2026").replace("alice", "bob")
    with pytest.raises(WrongDateFormat) as raised:
        run(store, history, *rows, date_format="%m/%d/%Y")
    told = str(raised.value)
    assert "Nothing was imported" in told and "--date-format %d/%m/%Y" in told and "@" not in told
    assert days(store) == [] and history.undo() is None
    assert run(store, history, *rows, date_format="%d/%m/%Y").changes == Changes(new=2)


def test_dates_of_several_formats_have_no_format_in_common(store, history):
    with pytest.raises(WrongDateFormat, match="2 rows have dates.*not all of one format"):
        run(store, history, ROW.format(day="25/10/2026"), ROW.format(day="10-25-2026"))


def test_what_is_no_date_in_any_format_costs_its_row_alone(store, history):
    summary = run(store, history, GOOD, ROW.format(day="soon"), ROW.format(day="2026-02-30"))
    assert (summary.rejected, summary.changes.new) == (2, 1)


def test_a_later_export_takes_the_place_of_a_day_that_was_read_wrongly(store, history):
    run(store, history, ROW.format(day="11/02/2026"), date_format="%d/%m/%Y")
    assert days(store) == ["2026-02-11"]
    summary = run(store, history, ROW.format(day="11/02/2026"), date_format="%m/%d/%Y")
    assert days(store) == ["2026-11-02"] and summary.changes == Changes(changed=1)
    assert run(store, history, ROW.format(day="11/02/2026"), date_format="%m/%d/%Y").changes == Changes(unchanged=1)


def test_attempts_with_another_outcome_and_other_credentials_stay(store, history):
    failed, passed = (
        ROW.format(day=day) + result for day, result in (("2026-05-04", "failed"), ("2026-06-01", "Pass"))
    )
    run(store, history, failed, ROW.format(day="2026-05-04").replace("Level 1", "Other"))
    assert run(store, history, passed).changes == Changes(new=1)
    assert sorted(days(store)) == ["2026-05-04", "2026-05-04", "2026-06-01"]


def test_two_days_in_one_file_are_two_attempts_whatever_the_size_of_the_file(store, history, monkeypatch):
    monkeypatch.setattr("bot.issuance.completions.ROWS_A_TRANSACTION", 1)
    rows = [ROW.format(day=day) for day in ("2026-03-02", "2026-05-04", "2026-06-01")]
    run(store, history, *rows)
    assert len(days(store)) == 3
    assert run(store, history, *rows).changes == Changes(unchanged=3)


def test_an_import_can_be_undone_and_the_one_before_it_too(store, history):
    run(store, history, ROW.format(day="2026-05-04"))
    first = store.completions([ALICE])
    run(store, history, ROW.format(day="2026-05-05"), "alice@example.com,Alice,Level 2,30,,")
    run(store, history, ROW.format(day="2026-05-05"))  # changes nothing, so there is nothing to undo
    assert (history.undo(dry_run=True).taken_out, len(days(store))) == (2, 2)
    undone = history.undo()
    assert (undone.taken_out, undone.restored) == (2, 1)
    assert store.completions([ALICE]) == first
    assert history.undo().taken_out == 1 and store.completions([ALICE]) == []
    assert history.undo() is None


def test_a_changed_line_is_as_it_was(store, history):
    run(store, history, GOOD)
    before = store.completions([ALICE])
    run(store, history, GOOD.replace("passed", "failed").replace("Alice", "Alicia"))
    assert history.undo().restored == 1 and store.completions([ALICE]) == before


def test_a_dry_run_leaves_nothing_to_undo(store, history):
    run(store, history, GOOD, dry_run=True)
    assert history.undo() is None


class MeanwhileDo(Rejections):
    """Does something as soon as the first lines are written, as a colleague might."""

    def __init__(self, do):
        super().__init__()
        self.to_do = [do]

    def has_written(self, lines):
        if self.to_do:
            self.to_do.pop()()


@pytest.mark.parametrize("another", [False, True], ids=["alone", "another follows"])
def test_an_import_that_is_undone_while_it_runs_stops_and_leaves_nothing(store, history, monkeypatch, another):
    run(store, history, ROW.format(day="2026-05-04"))
    before = store.completions([ALICE])
    monkeypatch.setattr("bot.issuance.completions.ROWS_A_TRANSACTION", 1)
    rows = [ROW.format(day="2026-05-05").replace("alice", name) for name in ("alice", "bob")]

    def undo():
        history.undo()
        if another:  # SQLite gives it the number of the one that is gone
            run(store, history, rows[1].replace("bob", "carl"))

    importer = CompletionImport(store, RowReader(normalise, CATALOGUE, TODAY), history)
    with pytest.raises(UndoneMeanwhile, match="undone while it was running.*Nothing of it is left"):
        importer.run(export(*rows), MeanwhileDo(undo))
    assert store.completions([ALICE]) == before and store.completions(["bob@example.com"]) == []


def test_only_the_last_imports_are_kept(store, history):
    for number in range(7):
        run(store, history, f"alice@example.com,Alice,Level 1,{number},,")
    undone = sum(history.undo() is not None for _ in range(7))
    assert undone == 5 and [line.percent for line in store.completions([ALICE])] == [1]


def test_the_command_undoes_and_says_so(command, tmp_path, capsys):
    from bot.__main__ import main

    header = "email,name,credential,percent,completed_on,result"
    assert command(f"{header}\n{GOOD}\n")[0] == 0
    code = main(["import", "--undo"])
    assert code == 0 and "1 lines taken out, 0 as they were before" in capsys.readouterr().out
    assert main(["import", "--undo"]) == 2 and "no import left" in capsys.readouterr().err
    assert main(["import"]) == 2 and "--undo alone" in capsys.readouterr().err
    assert command(f"{header}\n{GOOD.replace('2026-05-04', '25.05.2026')}\n")[0] == 2
    assert "1 new" in command(f"{header}\n{GOOD}\n")[1]
