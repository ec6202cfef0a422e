"""Questions about the record that was shown: answered from the record, never from the FAQ at large."""

import re
from collections.abc import Callable, Sequence

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.issuance import knows_nothing, what_helps
from actions.services import services
from bot.content.markdown import escape_markdown
from bot.content.responses import render, responses
from bot.issuance import naming, wording
from bot.issuance.record import Diagnosis, Kind, Stage
from bot.issuance.service import Report
from bot.issuance.window import on_or_after

TALKED_OF = "credential"  # the slot with the credential that was spoken of last
DATED = (Stage.ACCEPTED, Stage.EXPIRES_SOON, Stage.WAITING_TO_BE_CLAIMED)
SETTLED = (Stage.ACCEPTED, Stage.EXPIRED)
Choose = Callable[[Sequence[Diagnosis], Sequence[str], str], list[Diagnosis]]
THAT_ONE = re.compile(r"\b(?:that|this|the same) (?:one|badge|credential|certification|cert)\b", re.IGNORECASE)
ALL_OF_THEM = re.compile(r"\b(?:any|all|each|every one|which|some|none) of (?:them|those|these|mine)\b", re.IGNORECASE)
RENEWAL_WORDS = re.compile(
    r"\b(?:renew\w*|extend\w*|extension|prolong\w*|reactivat\w*|re-?certif\w*|(?:valid|active|good) again)\b",
    re.IGNORECASE,
)
CLAIM_WORDS = re.compile(r"\b(?:claim|accept|collect)(?:ing)?\b", re.IGNORECASE)
DAYS = ("completed_on", "last", "next", "issued_on", "expires_on")  # that a record may lack


class RecordQuestion(ServiceAction):
    """One kind of question; `what` names its utterances."""

    what = ""

    def name(self) -> str:
        """As in domain.yml."""
        return f"action_record_{self.what}"

    def answer(self, view: TrackerView, choose: Choose | None = None) -> Reply:
        """From the proven addresses; without any, an address is proven first.

        Args:
            view: the message and what stood before.
            choose: instead of `chosen`.
        """
        proven = services().identity.proven(view.conversation_id)
        if not proven:
            return Reply(then="action_check_issuance_status")
        named = view.entities("credential")
        report = services().issuance.status(proven)
        titles = {one.credential: one.title for one in report.diagnoses}
        keys, in_words = list(titles), naming.named_in(view.text, list(titles.values())) if not named else []
        named = [services().catalogue.key_among(one, titles) for one in named] or [keys[place] for place in in_words]
        last = "" if ALL_OF_THEM.search(view.text) else str(view.slots.get(TALKED_OF) or "")
        if last in titles and not named and not choose and THAT_ONE.search(view.text):
            named = [last]
        chosen = (choose or self.chosen)(report.diagnoses, named, last)
        if named and not chosen:
            return nothing_about(named[0], report)
        said = self.about(chosen, view, report.several_profiles)
        slots = {TALKED_OF: chosen[0].credential} if len(chosen) == 1 else {}
        return Reply((*said, *self.offer(chosen, view)), slots)

    def chosen(self, diagnoses: Sequence[Diagnosis], named: Sequence[str], last: str) -> list[Diagnosis]:
        """Those that are named; else the one spoken of last, else those for which the question makes sense."""
        if named:
            return [one for one in diagnoses if naming.is_named(one, named)]
        if len(diagnoses) == 1:
            return list(diagnoses)
        fitting = [one for one in diagnoses if self.fits(one)] or list(diagnoses)
        spoken_of = [one for one in fitting if one.credential == last]
        return spoken_of or fitting

    def fits(self, one: Diagnosis) -> bool:
        """Whether somebody who asks so is likely to mean this credential."""
        return one.stage not in SETTLED

    def utterance(self, one: Diagnosis) -> str:
        """The sentence for one credential."""
        return utterance_of(self.what, one)

    def about(self, chosen: Sequence[Diagnosis], view: TrackerView, several_profiles: bool) -> list[Say]:
        """The sentence for one, or a line each; with its address where there are several."""
        if len(chosen) == 1 and not several_profiles:
            said = self._utterance(chosen[0])
            if said in view.said and view.slots.get(TALKED_OF) in (None, chosen[0].credential):
                said = once_more(said)
            return [Say(said, values=values_of(chosen[0], view.channel))]
        sentences = [render(self._utterance(one), values_of(one, view.channel), view.channel) for one in chosen]
        if several_profiles:
            sentences = [wording.under(sentence, one) for sentence, one in zip(sentences, chosen)]
        if len(chosen) == 1:
            return [Say("utter_record_again", values={"sentence": sentences[0]})]
        return [Say("utter_record_which", values={"list": "\n".join(f"- {one}" for one in sentences)})]

    def _utterance(self, one: Diagnosis) -> str:
        """The same; where the record has nothing at all, there is no title to speak of."""
        return utterance_of_nothing(self.what, one) if knows_nothing(one) else self.utterance(one)

    def offer(self, chosen: Sequence[Diagnosis], view: TrackerView) -> tuple[Say, ...]:
        """What can be done about it, unless it was offered just before."""
        helps = what_helps(chosen, view.conversation_id)
        if helps is not None:
            return (Say(f"utter_record_offer_{helps.value}"),)
        unknown = any(one.stage is Stage.NOT_FOUND for one in chosen)
        return (Say("utter_record_offer_another"),) if unknown else ()


def nothing_about(named: str, report: Report) -> Reply:
    """A credential that is not in the record."""
    title = services().catalogue.match(named)
    shown = escape_markdown(title.title if title else named)
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    about = Say("utter_record_other_none", values={"title": shown, "addresses": where})
    return Reply((about, Say("utter_record_offer_another")), {TALKED_OF: named})


def once_more(utterance: str) -> str:
    """What is said where the sentence on the same credential stands already (`metadata: {once_more: ...}`)."""
    return str(responses()[utterance][0]["metadata"].get("once_more") or "utter_record_no_more")


def utterance_of(what: str, one: Diagnosis) -> str:
    """The most particular sentence that there is."""
    kind = one.kind.value if one.kind else ""
    names = (f"utter_record_{what}_{one.stage.value}_{kind}", f"utter_record_{what}_{one.stage.value}")
    complete = [name for name in names if name in responses() and _fits(name, one)]
    return complete[0] if complete else f"utter_record_{what}"


def utterance_of_nothing(what: str, one: Diagnosis) -> str:
    """For a record with nothing in it: not everywhere could be looked, or it may be somewhere else."""
    if one.stage is not Stage.NOT_FOUND:
        return "utter_stage_source_unavailable"
    own = f"utter_record_{what}_not_found"
    return own if own in responses() else "utter_record_next_not_found"


def _fits(name: str, one: Diagnosis) -> bool:
    """Whether the record has every fact that a sentence needs."""
    text, known = responses()[name][0]["text"], values_of(one, "site")
    return all(f"{{{key}}}" not in text or known.get(key) for key in DAYS)


def values_of(one: Diagnosis, channel: str) -> dict[str, str]:
    """The values of a sentence's placeholders."""
    rule = services().issuance.rule
    name, facts = wording.utterance(one, rule)
    following = on_or_after(services().issuance.today(), rule.weekday)
    derived = {"next": wording.date(following), "sentence": render(name, facts, channel)}
    return {"title": one.title, "expires_on": "", "address": escape_markdown(one.email), **facts, **derived}


class RecordWhen(RecordQuestion):
    """ "And when will it be there?" """

    what = "when"


class RecordWhy(RecordQuestion):
    """ "Why is it late?" """

    what = "why"

    def fits(self, one: Diagnosis) -> bool:
        """Nobody asks why something is all right."""
        return one.stage is not Stage.ACCEPTED

    def offer(self, chosen: Sequence[Diagnosis], view: TrackerView) -> tuple[Say, ...]:
        """Where what was accepted is not seen, another address."""
        hidden = {one.stage for one in chosen} == {Stage.ACCEPTED}
        return (Say("utter_record_offer_another"),) if hidden else super().offer(chosen, view)


class RecordNext(RecordQuestion):
    """ "And what do I do now?" """

    what = "next"

    def answer(self, view: TrackerView, choose: Choose | None = None) -> Reply:
        """Who asks how to claim means what can be claimed, where there is any."""
        if choose is None and CLAIM_WORDS.search(view.text):
            return super().answer(view, self._to_claim)
        return super().answer(view, choose)

    def _to_claim(self, diagnoses: Sequence[Diagnosis], named: Sequence[str], last: str) -> list[Diagnosis]:
        waiting = [one for one in diagnoses if one.stage is Stage.WAITING_TO_BE_CLAIMED]
        return self.chosen(diagnoses if named else waiting or diagnoses, named, last)


class RecordUntil(RecordQuestion):
    """ "How long is that one valid?" """

    what = "until"

    def fits(self, one: Diagnosis) -> bool:
        """What has been issued."""
        return one.stage in (*DATED, Stage.EXPIRED)

    def about(self, chosen: Sequence[Diagnosis], view: TrackerView, several_profiles: bool) -> list[Say]:
        """Who asks how to renew it is told who knows that, and not the day again."""
        if asks_to_renew(chosen, view):
            return [Say("utter_record_renewal", values={"title": ", ".join(one.title for one in chosen)})]
        return super().about(chosen, view, several_profiles)

    def utterance(self, one: Diagnosis) -> str:
        """With the day where the record has one."""
        if one.expires_on is None:
            return "utter_record_until"
        return "utter_record_until_expired" if one.stage is Stage.EXPIRED else "utter_record_until_dated"

    def offer(self, chosen: Sequence[Diagnosis], view: TrackerView) -> tuple[Say, ...]:
        """Nothing follows on it, unless it is to be renewed or there is no record."""
        if asks_to_renew(chosen, view):
            return (Say("utter_record_offer_team"),)
        return super().offer(chosen, view) if any(map(knows_nothing, chosen)) else ()


def asks_to_renew(chosen: Sequence[Diagnosis], view: TrackerView) -> bool:
    """Whether credentials that are in the record are to be valid again, or for longer."""
    return bool(RENEWAL_WORDS.search(view.text)) and not any(map(knows_nothing, chosen))


class RecordKind(RecordQuestion):
    """ "Is that one a certification?" """

    what = "kind"

    def fits(self, one: Diagnosis) -> bool:
        """Any."""
        return True

    def utterance(self, one: Diagnosis) -> str:
        """By its kind."""
        return "utter_record_kind_certification" if one.kind is Kind.CERTIFICATION else "utter_record_kind"

    def offer(self, chosen: Sequence[Diagnosis], view: TrackerView) -> tuple[Say, ...]:
        """Nothing follows on it, unless there is no record."""
        return super().offer(chosen, view) if any(map(knows_nothing, chosen)) else ()


class TellClaim(ServiceAction):
    """ "But I finished on the 1st": compared with the record."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_tell_claim"

    def answer(self, view: TrackerView) -> Reply:
        """Agreeing or not; then the team, who can correct a record."""
        proven = services().identity.proven(view.conversation_id)
        if not proven:
            return Reply(then="action_check_issuance_status")
        named = view.entities("credential") or [str(view.slots.get(TALKED_OF) or "")]
        found = services().issuance.status(proven).diagnoses
        one = next((d for d in found if d.credential in named), found[0])
        days = view.entities("date")
        if days and one.completed_on and one.completed_on.isoformat() == days[0]:
            agreed = {"completed_on": wording.date(one.completed_on), "title": values_of(one, view.channel)["title"]}
            return Reply((Say("utter_claim_agrees", values=agreed),))
        if knows_nothing(one):
            return Reply((Say("utter_record_next_not_found"), Say("utter_record_offer_another")))
        sentence = values_of(one, view.channel)["sentence"]
        said = "utter_claim_differs" if days or view.entities("credential") else "utter_claim_heard"
        return Reply((Say(said, values={"sentence": sentence}), Say("utter_record_offer_team")))


class MissingOne(ServiceAction):
    """ "One is missing there." """

    def name(self) -> str:
        """As in domain.yml."""
        return "action_missing_one"

    def answer(self, view: TrackerView) -> Reply:
        """Another address first."""
        proven = services().identity.proven(view.conversation_id)
        if not proven:
            return Reply(then="action_check_issuance_status")
        if "utter_missing_one" in view.said:
            return Reply((Say("utter_record_offer_team"),))
        where = ", ".join(escape_markdown(address) for address in proven)
        return Reply((Say("utter_missing_one", values={"addresses": where}), Say("utter_record_offer_another")))
