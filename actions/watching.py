""" "Tell me when it's there": begins and ends the wait for a credential."""

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.identity import ISSUANCE_FORM, NO_IDENTITY_SLOTS, send_code
from actions.record_questions import TALKED_OF, values_of
from actions.services import services
from bot.content.markdown import escape_markdown
from bot.watching.service import Begun


class BeginWatch(ServiceAction):
    """Looks out for what is on its way, for an address that is proven."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_watch"

    def answer(self, view: TrackerView) -> Reply:
        """Without a proven address one is proven first; the credential that was named is kept until then."""
        proven, named = services().identity.proven(view.conversation_id), view.entities(TALKED_OF)
        if not proven:
            kept = {TALKED_OF: named[0]} if named else {}
            given = view.entities("email")
            asked = send_code(view, given[0]) if len(given) == 1 else Reply((Say("utter_watch_prove"),))
            return Reply(slots={**NO_IDENTITY_SLOTS, **kept, "wanted": "watch"}) + asked + Reply(then=ISSUANCE_FORM)
        last = str(view.slots.get(TALKED_OF) or "")
        begun = services().watching.begin(view.conversation_id, proven, named, last)
        if begun.nothing and not view.focus.get("record"):  # of which it has not been told yet what is there
            return Reply(slots={"wanted": None}, then="action_show_issuance_status")
        return Reply(tuple(told(begun, view.channel)), {"wanted": None})


class StopWatch(ServiceAction):
    """Ends the wait."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_stop_watch"

    def answer(self, view: TrackerView) -> list[Say]:
        """Of the credentials that are named, else of all; there may have been none."""
        proven = services().identity.proven(view.conversation_id)
        services().watching.stop(view.conversation_id, proven, view.entities(TALKED_OF))
        return [Say("utter_watch_off")]


def told(found: Begun, channel: str) -> list[Say]:
    """What the request has come to."""
    waited_for = found.begun or found.known
    values = {
        "address": ", ".join(escape_markdown(one) for one in dict.fromkeys(one.email for one in waited_for)),
        "titles": ", ".join(f"**{escape_markdown(one.title)}**" for one in waited_for),
    }
    if waited_for:
        return [Say("utter_watch_on" if found.begun else "utter_watch_already", values=values)]
    if found.settled:
        sentences = [values_of(one, channel)["sentence"] for one in found.settled]
        return [Say("utter_record_again", values={"sentence": "\n\n".join(sentences)})]
    return [Say("utter_watch_nothing")] if found.sources_known else [Say("utter_status_badges_unknown")]
