import codecs
import csv
import datetime
import io
import json
import os
import re
import subprocess
import sys

import pytest
import sqlalchemy as sql
from hypothesis import given
from hypothesis import strategies as st

from bot.__main__ import main
from bot.database import Database
from bot.errors import InvalidAddress, InvalidSetting
from bot.issuance.catalogue import Catalogue, Credential
from bot.issuance.completions import BadRow, CompletionImport, ImportListener, Interrupted, RowReader
from bot.issuance.exports import FIELDS, Export, UnreadableFile, parse_columns
from bot.issuance.record import Completion, Kind
from bot.issuance.store import Changes, CompletionStore

TODAY = datetime.date(2026, 11, 25)
HEADER = ",".join(FIELDS)
GOOD = "alice@example.com,Alice,Level 1,100,2026-05-04,passed"
CATALOGUE = Catalogue([Credential("level_1", "Level 1", Kind.MICRO_CREDENTIAL, ("lvl 1",))])


def normalise(text):
    if "@" not in text:
        raise InvalidAddress("at_sign")
    return text.lower()


class Rejections(ImportListener):
    def __init__(self):
        self.seen = []

    def rejected(self, row, reason):
        self.seen.append((row.line, reason))

    @property
    def lines(self):
        return [line for line, _ in self.seen]


def export(*lines, columns=None, encoding="", written="utf-8", header=HEADER):
    return Export(io.BytesIO("\n".join([header, *lines]).encode(written)), columns, encoding)


def cells(file):
    return [(row.line, row.cells, row.fault) for row in file]


@pytest.fixture()
def store(database):
    return CompletionStore(database)


@pytest.fixture()
def small_store(sqlite_url):
    return CompletionStore(Database(sqlite_url))


def run(store, file, **more):
    listener = Rejections()
    summary = CompletionImport(store, RowReader(normalise, CATALOGUE, TODAY)).run(file, listener, **more)
    return summary, listener


# What a cell means


def read(date_format="%Y-%m-%d", **values):
    full = {**dict.fromkeys(FIELDS, ""), "email": "alice@example.com", "credential": "Level 1", **values}
    return RowReader(normalise, CATALOGUE, TODAY, date_format).read(full)


def test_a_row_becomes_a_completion_in_the_catalogues_words():
    row = dict(zip(FIELDS, ["ALICE@example.com", " Alice \n A. ", "LVL 1", "95.0", "2026-05-04", "Passed"]))
    day = datetime.date(2026, 5, 4)
    assert read(**row) == Completion("alice@example.com", "level_1", "Level 1", 95, day, "passed", "Alice A.")


def test_a_credential_that_the_catalogue_does_not_know_keeps_its_title():
    found = read(credential="Report  Design")
    assert (found.credential, found.title) == ("report design", "Report Design")


@pytest.mark.parametrize(
    ("text", "percent"),
    [("", None), ("0", 0), ("95", 95), ("95%", 95), ("95 %", 95), ("95.0", 95), ("95,5", 95), ("99.99", 99)]
    + [("100.000", 100), ("0.0", 0), ("1", 1), ("0.95%", 0), ("1.5", 1)],
)
def test_percent_is_rounded_down_to_a_whole_number(text, percent):
    assert read(percent=text).percent == percent


@pytest.mark.parametrize("text", ["0.95", "0,5", "1.0", ".5", "101", "100.1", "-1", "1e2", "nan", "many", "95%%", "٩٥"])
def test_a_percent_that_could_be_a_share_or_is_no_percent_is_refused(text):
    with pytest.raises(BadRow, match="percent"):
        read(percent=text)


@pytest.mark.parametrize(
    ("text", "date_format"),
    [("2026-05-04", "%Y-%m-%d"), ("2026-05-04T23:30:00Z", "%Y-%m-%d"), ("2026-05-04 07:30", "%Y-%m-%d")]
    + [("2026-05-04T23:30:00.123+02:00", "%Y-%m-%d"), ("04.05.2026", "%d.%m.%Y"), ("04.05.2026 14:30", "%d.%m.%Y")]
    + [("5/4/2026 2:30:00 PM", "%m/%d/%Y"), ("4 May 2026", "%d %B %Y"), ("04.05.26", "%d.%m.%y")]
    + [("2026-05-04 07:30", "%Y-%m-%d %H:%M")],
)
def test_dates_are_read_as_written_with_or_without_a_time(text, date_format):
    assert read(date_format, completed_on=text).completed_on == datetime.date(2026, 5, 4)


@pytest.mark.parametrize("text", ["04.05.2026", "2026-13-01", "2026-02-30", "May", "2026", "2026-05-04 later", "46146"])
def test_a_date_in_another_format_is_refused(text):
    with pytest.raises(BadRow, match="not a date"):
        read(completed_on=text)


def test_days_that_cannot_be_are_refused_and_time_zones_get_one_day():
    assert read(completed_on="2026-11-26").completed_on == datetime.date(2026, 11, 26)
    assert read(completed_on="2000-01-01").completed_on == datetime.date(2000, 1, 1)
    with pytest.raises(BadRow, match="future"):
        read(completed_on="2026-11-27")
    with pytest.raises(BadRow, match="before 2000"):
        read(completed_on="1999-12-31")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "a" * 250 + "@example.com"),
        ("credential", " "),
        ("result", "maybe"),
    ]
    + [("credential", "x" * 201), ("name", "x" * 201), ("credential", "\u200b \u00a0"[1:])],
)
def test_other_cells_that_cannot_be_used_are_refused_and_not_repeated(field, text):
    with pytest.raises(BadRow, match=field) as raised:
        read(**{field: text})
    assert len(text) < 3 or text not in str(raised.value)


@pytest.mark.parametrize("date_format", ["%d.%m", "%Q", "", "%", "%Y-%m", "day"])
def test_a_date_format_that_names_no_day_is_refused_at_once(date_format):
    with pytest.raises(InvalidSetting, match="day, month and year"):
        RowReader(normalise, CATALOGUE, TODAY, date_format)


@given(st.dictionaries(st.sampled_from(FIELDS), st.text()))
def test_any_text_is_read_or_refused(values):
    try:
        found = read(**values)
    except BadRow:
        return
    assert found.percent is None or 0 <= found.percent <= 100
    assert found.credential and len(found.credential) <= 200


# How a file is read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(delimiter):
    file = export(GOOD.replace(",", delimiter), header=HEADER.replace(",", delimiter))
    assert file.values(next(iter(file)))["result"] == "passed"


def test_a_comma_in_a_title_does_not_confuse_the_delimiter():
    header = '"name, full";email;credential;percent;completed_on;result'
    file = export("Å, A.;a@example.com;Level 1;;;", header=header, columns={"name": "Name, full"})
    assert file.values(next(iter(file)))["name"] == "Å, A."


@pytest.mark.parametrize(
    ("mark", "written", "encoding"),
    [(b"", "utf-8", ""), (codecs.BOM_UTF8, "utf-8", ""), (codecs.BOM_UTF8, "utf-8", "cp1252")]
    + [(codecs.BOM_UTF16_LE, "utf-16-le", ""), (codecs.BOM_UTF16_BE, "utf-16-be", ""), (b"", "cp1252", "cp1252")]
    + [(b"", "utf-16-le", "utf-16-le"), (codecs.BOM_UTF32_LE, "utf-32-le", "")],
)
def test_encodings_are_found_by_their_mark_or_given(mark, written, encoding):
    text = f"{HEADER}\r\nalice@example.com,Zoë Müller,Level 1,,,\r\n"
    file = Export(io.BytesIO(mark + text.encode(written)), encoding=encoding)
    assert [file.values(row)["name"] for row in file] == ["Zoë Müller"]


@pytest.mark.parametrize("encoding", ["klingon", "base64", "idna"])
def test_what_is_no_encoding_of_texts_is_refused_in_a_sentence(encoding):
    with pytest.raises(UnreadableFile, match="The encoding is not known"):
        Export(io.BytesIO(f"{HEADER}\n{GOOD}\n".encode()), encoding=encoding)


def test_columns_may_have_other_titles_and_any_order_capitals_and_company():
    header = "Result,Notes,Course  title,MAIL,Learner,Progress,Date"
    mapped = "email=Mail, name=Learner,credential=course title,percent=Progress,completed_on=date"
    file = export("passed,x,Level 1,a@example.com,Al,5,2026-05-04", header=header, columns=parse_columns(mapped))
    expected = dict(zip(FIELDS, ["a@example.com", "Al", "Level 1", "5", "2026-05-04", "passed"]))
    assert file.values(next(iter(file))) == expected


def test_a_file_may_lack_columns_that_are_said_to_be_missing():
    file = export("a@example.com,Level 1,100,2026-05-04", header="email,credential,percent,completed_on",
                  columns=parse_columns("name=,result="))  # fmt: skip
    assert file.values(next(iter(file)))["name"] == ""


@pytest.mark.parametrize("text", ["mail=Mail", "email", "email=", "credential=,email=a"])
def test_a_mapping_that_makes_no_sense_is_refused(text):
    with pytest.raises(InvalidSetting):
        parse_columns(text)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"\n \n", "empty"), (b"email,name\n", "credential"), (HEADER.encode("utf-16-le"), "utf-16-le")]
    + [
        (HEADER.encode("utf-16-be"), "utf-16-be"),
        (b"PK\x03\x04\0\xff", "workbook"),
        (b"\xd0\xcf\x11\xe0\0", "workbook"),
    ]
    + [(f"{HEADER},Email\n".encode(), "two columns"), (f"{GOOD}\n".encode(), "no column"), (b'"', "no column")]
    + [(HEADER.replace(",result", "").encode(), "result")],
)
def test_a_file_that_cannot_be_imported_is_one_sentence_without_addresses(content, says):
    with pytest.raises(UnreadableFile, match=says) as raised:
        Export(io.BytesIO(content))
    assert "example.com" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13"])
def test_an_unknown_encoding_is_said(encoding):
    with pytest.raises(UnreadableFile, match="encoding"):
        export(GOOD, encoding=encoding)


def test_quoted_cells_may_run_over_lines_and_rows_keep_the_number_of_their_first_line():
    found = cells(export('a@example.com,"Al\nice, A.","Level ""1""",,,', "", " , ,", GOOD))
    assert [(line, fault) for line, _, fault in found] == [(2, ""), (6, "")]
    assert found[0][1][1:3] == ["Al\nice, A.", 'Level "1"']


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(ending):
    file = Export(io.BytesIO(ending.join([HEADER, GOOD, GOOD]).encode()))
    assert [(row.line, len(row.cells)) for row in file] == [(2, 6), (3, 6)]


@pytest.mark.parametrize(
    ("bad", "why"),
    [("a@example.com,Al", "has 2 columns, the header has 6"), (GOOD + ",more", "has 7 columns"), (GOOD + "\0", "NUL")]
    + [('a@example.com,"Al,Level 1,,,', "quotation"), ('a@example.com,"Al"x,Level 1,,,', "quotation")]
    + [("x" * 70_000, "longer"), (f"a@example.com,{'x' * 200_000},Level 1,,,", "longer"), ('"' * 7, "quotation")],
)
def test_one_bad_row_never_loses_the_rows_around_it(bad, why):
    good = [f"learner{number}@example.com,Al,Level 1,,," for number in range(60)]
    found = cells(export(*good[:30], bad, *good[30:]))
    read = [row[0] for _, row, fault in found if not fault]
    assert read == [row.split(",")[0] for row in good]
    faults = [(line, fault) for line, _, fault in found if fault]
    assert faults[0][0] == 32
    assert re.search(why, faults[0][1])


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_even_beside_quoted_rows():
    rows = [f'learner{number}@example.com,"Smith, Al",Level 1,,,' for number in range(30)]
    found = cells(export('a@example.com,"Al,Level 1,,,', *rows))
    assert [line for line, _, fault in found if fault] == [2]
    assert len(found) == 31


def test_more_empty_cells_than_columns_are_no_fault():
    assert [fault for _, _, fault in cells(export(GOOD + ",,,"))] == [""]


def test_bytes_of_another_encoding_cost_their_row_and_name_the_option():
    file = Export(io.BytesIO(f"{HEADER}\na@example.com,Zo\xeb,Level 1,,,\n{GOOD}\n".encode("latin-1")))
    first, second = cells(file)
    assert "--encoding" in first[2]
    assert second[2] == ""


def test_a_file_that_breaks_off_is_said():
    class Broken(io.BytesIO):
        def read1(self, size=-1):
            if self.tell() > 0:
                raise OSError(5, "Input/output error")
            return super().read1(len(HEADER) + 1)

    with pytest.raises(UnreadableFile, match="after line 1"):
        list(Export(Broken(f"{HEADER}\n{GOOD}\n".encode())))


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_faults_with_growing_line_numbers(content):
    rows = list(Export(io.BytesIO(HEADER.encode() + b"\n" + content)))
    assert [row.line for row in rows] == sorted({row.line for row in rows})
    assert all(row.fault or len(row.cells) == len(FIELDS) for row in rows)


# What an import does


def test_good_rows_are_kept_and_bad_ones_reported_with_line_and_reason(store):
    bad = ["nobody,Al,Level 1,,,", "bob@example.com,Bob,Level 1,200,,", "bob@example.com"]
    summary, listener = run(store, export(GOOD, bad[0], "bob@example.com,Bob,Other,40,,", *bad[1:]))
    assert (summary.rows, summary.rejected, summary.changes) == (5, 3, Changes(new=2))
    assert listener.lines == [3, 5, 6]
    assert dict(listener.seen)[5] == "percent is not a number from 0 to 100"
    assert summary.unknown_titles == {"Other": 1}
    assert len(store.completions(["alice@example.com", "bob@example.com"])) == 2


def test_a_second_import_changes_nothing_in_any_order_of_the_rows(store):
    rows = [f"l{number}@example.com,Al,Level {number % 3},{number % 101},," for number in range(2500)]
    assert run(store, export(*rows))[0].changes == Changes(new=2500)
    assert run(store, export(*reversed(rows)))[0].changes == Changes(unchanged=2500)


def test_of_rows_on_one_thing_the_furthest_counts_whatever_their_order(store):
    def twice(a, b):
        return [f"alice@example.com,Alice,Level 1,{a}", f"alice@example.com,Alice,Level 1,{b}"]

    attempts = twice("100,2026-05-04,failed", "100,2026-05-04,passed")
    between = [f"l{number}@example.com,Al,Level 1,1,," for number in range(2000)]
    first = [attempts[0], *between, attempts[1]]
    summary, _ = run(store, export(*first))
    assert (summary.duplicates, summary.changes) == (1, Changes(new=2001))
    assert store.completions(["alice@example.com"])[0].result == "passed"
    assert run(store, export(*reversed(first)))[0].changes == Changes(unchanged=2001)
    progress = [row.replace("Level 1", "Level 2") for row in twice("60,,", "20,,")]
    run(store, export(*progress))
    assert sorted(found.percent for found in store.completions(["alice@example.com"])) == [60, 100]


def test_a_correction_in_a_later_file_counts_even_backwards(store):
    run(store, export(GOOD))
    assert run(store, export(GOOD.replace("passed", "failed")))[0].changes == Changes(changed=1)
    assert store.completions(["alice@example.com"])[0].result == "failed"


def test_a_dry_run_says_what_would_change_and_writes_nothing(store):
    summary, _ = run(store, export(GOOD), dry_run=True)
    assert summary.changes == Changes(new=1)
    assert store.completions(["alice@example.com"]) == []


def test_a_database_failure_leaves_whole_batches_and_running_again_finishes(store):
    rows = [f"l{number:04}@example.com,Al,Level 1,1,," for number in range(3500)]
    batches, add = [], store.add

    def fail_in_the_third(lines, **more):
        batches.append(len(lines))
        if len(batches) == 3:
            raise sql.exc.OperationalError("INSERT l0001@example.com", {}, Exception("gone"))
        return add(lines, **more)

    store.add = fail_in_the_third
    with pytest.raises(Interrupted) as raised:
        run(store, export(*rows))
    assert "2000 lines" in str(raised.value)
    assert "@" not in str(raised.value)
    store.add = add
    assert run(store, export(*rows))[0].changes == Changes(new=1500, unchanged=2000)


def test_a_file_that_breaks_off_writes_nothing(small_store):
    file = export(GOOD, GOOD)
    rows = iter([next(iter(file))])

    class Broken:
        values, position = file.values, 0

        def __iter__(self):
            yield from rows
            raise UnreadableFile("broken")

    with pytest.raises(UnreadableFile):
        run(small_store, Broken())
    assert small_store.completions(["alice@example.com"]) == []


def test_titles_without_end_do_not_fill_the_memory(small_store):
    summary, _ = run(small_store, export(*(f"a@example.com,Al,Course {number},1,," for number in range(1500))))
    assert len(summary.unknown_titles) == 1000
    assert summary.changes.new == 1500


# The command


@pytest.fixture()
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/bot.db")
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)

    def call(content, *options):
        path = tmp_path / "in.csv"
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = main(["import", str(path), *options])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_the_command_imports_and_says_so(command):
    code, out, err = command(f"{HEADER}\n{GOOD}\n")
    assert (code, err) == (0, "")
    assert "1 rows: 1 new" in out
    assert "1 unchanged" in command(f"{HEADER}\n{GOOD}\n")[1]


def test_rejected_rows_are_reported_without_their_addresses_and_the_code_is_1(command):
    code, out, err = command(f"{HEADER}\n{GOOD}\nbob@example.com,Bob Brown,Level 1,lots,,\n")
    assert (code, err) == (1, "")
    assert "line 3: percent is not a number from 0 to 100" in out
    assert "bob" not in out.lower()


def test_the_report_holds_the_rejected_rows_and_can_be_mended_and_imported(command, tmp_path):
    report = tmp_path / "report.csv"
    code, _, _ = command(f"{HEADER}\n{GOOD}\nbob@example.com,Bób,Level 1,lots,,\n", "--report", str(report))
    text = report.read_text(encoding="utf-8-sig")
    assert list(csv.DictReader(io.StringIO(text)))[0]["line"] == "3"
    assert "bob@example.com,Bób" in text
    assert command(text.replace("lots", "90"), "--json")[0] == 0


def test_the_report_never_overwrites_the_file_to_import(command, tmp_path):
    content = f"{HEADER}\nbad\n"
    code, _, err = command(content, "--report", str(tmp_path / "in.csv"))
    assert code == 2
    assert "overwrite" in err
    assert (tmp_path / "in.csv").read_text() == content


def test_json_has_all_figures(command):
    code, out, _ = command(f"{HEADER}\n{GOOD}\n{GOOD}\nbad\n{GOOD.replace('Level 1', 'Nothing known')}\n", "--json")
    figures = json.loads(out)
    assert code == 1
    assert {name: figures[name] for name in ("rows", "new", "changed", "unchanged", "duplicates", "rejected")} == {
        "rows": 4, "new": 2, "changed": 0, "unchanged": 0, "duplicates": 1, "rejected": 1,
    }  # fmt: skip
    assert figures["unknown_credentials"] == {"Nothing known": 1}
    assert figures["first_rejected"][0]["line"] == 4
    assert "alice" not in out.lower()


def test_options_map_columns_dates_and_encoding(command):
    content = "Mail;Kurs;Datum\nalice@example.com;Prüfung;04.05.2026\n".encode("cp1252")
    columns = "email=Mail,credential=Kurs,completed_on=Datum,name=,percent=,result="
    code, out, _ = command(content, "--columns", columns, "--date-format", "%d.%m.%Y", "--encoding", "cp1252")
    assert code == 0
    assert "1 x Prüfung" in out


def test_a_dry_run_of_the_command_writes_nothing(command):
    assert "Dry run" in command(f"{HEADER}\n{GOOD}\n", "--dry-run")[1]
    assert "1 new" in command(f"{HEADER}\n{GOOD}\n")[1]


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (None, [], "No such file"),
        ("", [], "empty"),
        ("email,name\n", [], "credential"),
        (HEADER, ["--columns=x"], "FIELD"),
    ]
    + [(HEADER, ["--date-format=%q"], "date format"), (HEADER, ["--encoding=klingon"], "encoding")]
    + [(HEADER, ["--report=/nowhere/out.csv"], "/nowhere/out.csv")],
)
def test_what_cannot_be_done_is_one_sentence_and_the_code_is_2(command, content, options, says):
    code, out, err = command(content, *options)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_a_folder_is_no_file(command, tmp_path, capsys):
    assert main(["import", str(tmp_path)]) == 2
    assert "directory" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_one_sentence(command, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    code, _, err = command(f"{HEADER}\n{GOOD}\n")
    assert code == 2
    assert "DATABASE_URL" in err
    assert "secret" not in err


def test_a_large_file_is_imported_within_little_memory(tmp_path):
    """Each file by a process of its own; what the rows need, above what the program needs, must stay flat."""

    def peak(rows):
        path = tmp_path / f"{rows}.csv"
        with path.open("w", encoding="utf-8") as out:
            out.write(HEADER + "\n")
            out.writelines(f"learner{n}@example.com,Learner {n},Course {n % 50},100,2026-05-04,\n" for n in range(rows))
        code = (
            "import re, sys; from bot.__main__ import main; "
            f"code = main(['import', {str(path)!r}, '--json']); "
            # ru_maxrss would count the test process, which this one was forked from
            "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]; "
            "print(peak, file=sys.stderr); sys.exit(code)"
        )
        env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/{rows}.db", "SITE_SECRET_KEY": "k" * 32}
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stderr) / 1024

    small, large = peak(100), peak(25_000)
    assert large < 200
    assert large - small < 30  # MiB; kept in memory, the rows alone would take more
