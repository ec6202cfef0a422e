"""`make audit` fails on what nobody has looked at, and says when nobody could be asked."""

import json
import stat
from datetime import date
from pathlib import Path

import pytest
import yaml

from upkeep.advisories import problems, read
from upkeep.audit import main
from upkeep.pins import pinned

TODAY = "2026-11-30"
REVIEWED = {
    "package": "Some_Thing",
    "version": "1.0",
    "fixed": "1.1",
    "reached": "no: not called",
    "shield": "nobody reaches it",
    "advisories": {"CVE-2026-1": "it breaks"},
}


@pytest.fixture
def audited(tmp_path, capsys):
    """Runs the audit of one pin, some-thing 1.0; a service that is not given does not answer."""

    def audit(*reviews, database=None, today=TODAY, **services):
        (tmp_path / "requirements.lock").write_text("some-thing==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
        for other in ("requirements-test.lock", "requirements-tools.lock"):
            (tmp_path / other).write_text("")
        content = {"reviewed": date(2026, 11, 1), "until": date(2026, 12, 31), "packages": list(reviews)}
        (tmp_path / "list.yml").write_text(yaml.safe_dump(content))
        options = ["--folder", tmp_path, "--list", tmp_path / "list.yml", "--today", today]
        options += ["--database", database] if database else ["--program", pip_audit(tmp_path, services)]
        code = main([str(option) for option in options])
        return code, capsys.readouterr().out

    return audit


def pip_audit(folder: Path, services: dict) -> Path:
    """A program that answers as pip-audit does."""
    program = folder / "pip-audit"
    program.write_text(
        "#!/bin/sh\n"
        + "".join(
            f"case \"$*\" in *' {service}') echo '{json.dumps({'dependencies': [said]})}'; exit 1;; esac\n"
            for service, said in services.items()
        )
        + "echo 'ERROR:pip_audit: no connection' >&2; exit 1\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def says(*ids):
    vulns = [{"id": one, "aliases": list(aliases), "fix_versions": ["1.1"]} for one, *aliases in ids]
    return {"name": "some-thing", "version": "1.0", "vulns": vulns}


def test_an_advisory_that_nobody_has_looked_at_fails(audited):
    code, told = audited(REVIEWED, pypi=says(["CVE-2026-1"], ["PYSEC-2026-2", "CVE-2026-2"]))
    assert code == 1
    assert "Not reviewed: some-thing 1.0: CVE-2026-2, PYSEC-2026-2; fixed in 1.1" in told and "CVE-2026-1" not in told


def test_an_advisory_on_the_list_passes_under_any_of_its_names(audited):
    code, told = audited(REVIEWED, pypi=says(["PYSEC-2026-1", "CVE-2026-1"]))
    assert code == 0 and "Asked: pypi. It knows 1 advisories" in told and "NO ADVISORY DATABASE" not in told


def test_a_review_of_another_version_does_not_count(audited):
    code, told = audited({**REVIEWED, "version": "0.9"}, pypi=says(["CVE-2026-1"]))
    assert code == 1 and "Not reviewed: some-thing 1.0" in told
    assert "some-thing 0.9 is on the list, pinned is 1.0" in told


def test_a_review_that_has_run_out_fails(audited):
    assert audited(REVIEWED, today="2026-12-31")[0] == 0
    code, told = audited(REVIEWED, today="2027-01-01")
    assert code == 1 and "the review has run out on 2026-12-31" in told


@pytest.mark.parametrize("services", [{}, {"pypi": {"name": "some-thing", "skip_reason": "not found"}}])
def test_where_no_database_answers_that_is_said_and_the_list_is_checked(audited, services):
    code, told = audited(REVIEWED, **services)
    assert code == 0 and "NO ADVISORY DATABASE WAS ASKED" in told and "no connection" in told
    assert audited({**REVIEWED, "version": "0.9"}, **services)[0] == 1


def test_the_second_service_is_asked_where_the_first_knows_no_packages(audited):
    nothing = {"name": "some-thing", "skip_reason": "not found"}
    code, told = audited(REVIEWED, pypi=nothing, osv=says(["CVE-2026-3"]))
    assert code == 1 and "Asked: osv" in told and "CVE-2026-3" in told


def test_a_clone_of_the_database_can_be_asked(audited, tmp_path):
    folder = tmp_path / "clone" / "vulns" / "some-thing"
    folder.mkdir(parents=True)
    for number, versions in (("5", ["0.9"]), ("6", ["0.9", "1.0"])):
        advisory = {
            "id": f"PYSEC-2026-{number}",
            "aliases": [f"CVE-2026-{number}"],
            "affected": [
                {"package": {"name": "other"}, "versions": ["1.0"]},
                {
                    "package": {"name": "Some.Thing"},
                    "versions": versions,
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
                },
            ],
        }
        (folder / f"PYSEC-2026-{number}.yaml").write_text(yaml.safe_dump(advisory))
    code, told = audited(REVIEWED, database=tmp_path / "clone")
    assert code == 1 and "CVE-2026-6, PYSEC-2026-6; fixed in 1.2" in told and "PYSEC-2026-5" not in told
    assert "NO ADVISORY DATABASE" in audited(REVIEWED, database=tmp_path)[1]


def test_the_list_of_the_house_speaks_of_what_is_pinned():
    reviews = read()
    assert list(problems(reviews, pinned(), max(one.reviewed for one in reviews))) == []
    for one in reviews:
        assert one.advisories or one.unverified, one.package
        assert one.reached.partition(":")[0] in ("no", "yes", "not known") and one.shield
        assert one.reviewed < one.until and (one.until - one.reviewed).days <= 120
