"""What look-ups found, as rows of a table and as a CSV file in which no formula can run. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.issuance.record import Diagnosis, Stage
from bot.issuance.service import Report
from bot.spreadsheet import harmless_csv

STAGE_TITLES = {
    Stage.NOT_COMPLETED: "Not completed",
    Stage.NOT_PASSED: "Exam not passed",
    Stage.EXAM_PASSED: "Exam passed, not issued",
    Stage.ISSUING_WINDOW: "On its way",
    Stage.OVERDUE: "Overdue",
    Stage.WAITING_TO_BE_CLAIMED: "Waiting to be claimed",
    Stage.DECLINED: "Declined",
    Stage.ACCEPTED: "Accepted",
    Stage.EXPIRES_SOON: "Expires soon",
    Stage.EXPIRED: "Expired",
    Stage.REVOKED: "Revoked",
    Stage.NOT_FOUND: "Nothing found",
    Stage.SOURCE_UNAVAILABLE: "Not all could be asked",
}
TABLE_COLUMNS = (
    "Address",
    "Credential",
    "Stage",
    "Percent",
    "Completed on",
    "Expected by",
    "Issued on",
    "Expires on",
    "Badge",
)
NOT_ASKED = {"badges": "Credly did not answer", "completions": "The training record could not be asked"}


@dataclass(frozen=True)
class Found:
    """What was found under one address; `problem` says what could not be asked, "" for nothing."""

    address: str = field(repr=False)
    diagnoses: tuple[Diagnosis, ...] = field(repr=False)
    problem: str = ""

    @classmethod
    def of(cls, address: str, report: Report) -> "Found":
        """From a report on one address."""
        known = {"badges": report.badges_known, "completions": report.completions_known}
        return cls(address, report.diagnoses, ". ".join(NOT_ASKED[name] for name, asked in known.items() if not asked))


@dataclass(frozen=True)
class TableRow:
    """One credential of one address, each fact as it is read, "" where it does not apply."""

    address: str = field(repr=False)
    credential: str
    stage: Stage
    percent: str
    completed_on: str
    expected_by: str
    issued_on: str
    expires_on: str
    badge: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of TABLE_COLUMNS."""
        return (
            *(self.address, self.credential, STAGE_TITLES[self.stage], self.percent, self.completed_on),
            *(self.expected_by, self.issued_on, self.expires_on, self.badge),
        )


def rows(found: Iterable[Found]) -> list[TableRow]:
    """A row for each credential of each address."""
    return [_row(one.address, diagnosis) for one in found for diagnosis in one.diagnoses]


def as_csv(found: Iterable[Found]) -> str:
    """The table as a file for spreadsheets, with what could not be asked at the end of its row."""
    lines = [(*_row(one.address, diagnosis).cells, one.problem) for one in found for diagnosis in one.diagnoses]
    return harmless_csv([(*TABLE_COLUMNS, "Note"), *lines])


def _row(address: str, it: Diagnosis) -> TableRow:
    return TableRow(
        address=address,
        credential=it.title,
        stage=it.stage,
        percent="" if it.percent is None else f"{it.percent}%",
        completed_on=it.completed_on.isoformat() if it.completed_on else "",
        expected_by=it.window[1].isoformat() if it.window else "",
        issued_on=it.issued_on.isoformat() if it.issued_on else "",
        expires_on=it.expires_on.isoformat() if it.expires_on else "",
        badge=it.badge_url,
    )
