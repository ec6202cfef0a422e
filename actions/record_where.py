"""The other one of the record, the address that something lies under, and the same once more."""

from collections.abc import Sequence

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.issuance import knows_nothing
from actions.record_questions import Choose, RecordKind, RecordNext, RecordQuestion, RecordUntil, RecordWhen, RecordWhy
from bot.issuance.record import Diagnosis
from bot.issuance.where import asks_where


class RecordOther(RecordQuestion):
    """ "And level 3?": what was asked of one before is asked of the other."""

    what = "again"

    def name(self) -> str:
        """As in domain.yml."""
        return "action_record_other"

    def answer(self, view: TrackerView, choose: Choose | None = None) -> Reply:
        """Where it lies, for who asks that."""
        if asks_where(view.text):
            return RecordWhere().answer(view)
        before = next((found for said in view.said if (found := question_behind(said))), None)
        return before.answer(view, self.chosen) if before else super().answer(view, choose)

    def fits(self, one: Diagnosis) -> bool:
        """Any."""
        return True

    def chosen(self, diagnoses: Sequence[Diagnosis], named: Sequence[str], last: str) -> list[Diagnosis]:
        """The named ones; without a name those that were not spoken of last."""
        if named:
            return super().chosen(diagnoses, named, last)
        return [one for one in diagnoses if one.credential != last] or list(diagnoses)


def question_behind(utterance: str) -> RecordQuestion | None:
    """The question that an utterance answers for one credential, None for every other utterance."""
    asked = utterance.removeprefix("utter_record_").split("_")[0]
    found = {"when": RecordWhen, "why": RecordWhy, "until": RecordUntil, "next": RecordNext, "kind": RecordKind}
    return found[asked]() if asked in found and utterance.startswith("utter_record_") else None


class RecordWhere(RecordQuestion):
    """ "Under which address was that one?" """

    what = "where"

    def fits(self, one: Diagnosis) -> bool:
        """Whatever was found."""
        return not knows_nothing(one)

    def about(self, chosen: Sequence[Diagnosis], view: TrackerView, several_profiles: bool) -> list[Say]:
        """Each with its address."""
        return super().about(chosen, view, several_profiles=False)

    def utterance(self, one: Diagnosis) -> str:
        """The address, where anything lies under one."""
        return "utter_record_where" if one.email else "utter_record_again"

    def offer(self, chosen: Sequence[Diagnosis], view: TrackerView) -> tuple[Say, ...]:
        """Nothing follows on it."""
        return ()


class RecordAgain(ServiceAction):
    """ "Show me that again." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_record_again"

    def answer(self, view: TrackerView) -> Reply:
        """The whole record, or one credential that is named; the address of what was found, for who asks that."""
        return RecordWhere().answer(view) if asks_where(view.text) else Reply(then="action_check_issuance_status")
