"""A draft from its first change to its publication and back, as two editors see it."""

import json
import re

import pytest

from bot.conversations.message import AssistantReply
from bot.studio import store
from bot.studio.drafts import TrialState
from tests.servers.staff import ANNA, BEN
from tests.site.console.content.conftest import (
    PRIVACY,
    SHARING,
    SHARING_EXAMPLES,
    changed_draft,
    text_of,
    tried_draft,
)

FALLEN = "unseen faq right 97.0% < 98.5%"
RESULT = {
    "seconds": 11.94,
    "questions": {
        "became_right": [
            {"text": "on <i>X</i>?", "after": [], "expect": ["faq/sharing"], "was": [], "now": ["faq/sharing"]}
        ],
        "became_wrong": [
            {
                "text": "who sees it then",
                "after": ["How do I share it?"],
                "expect": ["faq/privacy"],
                "was": ["faq/privacy"],
                "now": ["faq/sharing"],
            }
        ],
        "answer_changed": [],
    },
    "recent": [{"text": "(name) asks where", "was": ["nlu_fallback"], "now": ["faq/sharing"], "asked": 4}],
    "conversations": [
        {
            "title": "Somebody shares",
            "file": "a.yml",
            "was_right": True,
            "is_right": False,
            "first_difference": {"said": "and then", "was": "Press it.", "now": "Who?"},
        }
    ],
    "overlaps": [{"cosine": 0.98, "labels": ["faq/sharing", "faq/privacy"], "texts": ["share it", "show it"]}],
    "groups": {"unseen_faq": {"was": 0.985, "is": 0.97, "n": 900}},
    "new_words": [{"response": "utter_faq/sharing", "questions": 2, "recent": 1}],
    "notes": ["Nobody wrote <lately>."],
    "counts": {"asked": 700, "questions": 900},
    "floors_fallen": [FALLEN],
}


def path(draft, action=""):
    return f"/content/drafts/{draft.id}" + (f"/{action}" if action else "")


@pytest.fixture()
def draft(studio):
    return changed_draft(studio)


class TestWhatADraftShows:
    def test_words_that_changed_and_who_changed_them(self, ben, studio, draft):
        examples = [*studio.content().value(SHARING_EXAMPLES)[1:], "<b>new</b> one"]
        studio.edit(draft.id, SHARING_EXAMPLES, examples, BEN, 0)
        page = ben.get(path(draft))
        assert "Press<ins> the new</ins> **Share**" in page.text
        assert "<ins><bdi>&lt;b&gt;new&lt;/b&gt; one</bdi></ins>" in page.text
        assert "<del><bdi>how do I share it</bdi></del>" in page.text
        assert f"{ANNA}, " in text_of(page) and "you, " in text_of(page)

    def test_one_change_is_undone_and_the_others_stay(self, anna, studio, draft):
        value = studio.content().value(PRIVACY)
        studio.edit(draft.id, PRIVACY, [{**value[0], "text": "Only yours."}], ANNA, 0)
        page = anna.get(path(draft)).text
        form = next(
            one
            for one in re.findall(r"<form[^>]*undo\">(.*?)</form>", page, re.DOTALL)
            if f'value="{PRIVACY.id}"' in one
        )
        token = re.search(r'csrf_token" value="([^"]+)', form)[1]
        version = re.search(r'name="version" value="(\d+)"', form)[1]
        fields = {"csrf_token": token, "item": PRIVACY.id, "version": version}
        anna.client.post(f"/console{path(draft, 'undo')}", data=fields)
        assert [one.item for one in studio.draft(draft.id).changes] == [SHARING]

    @pytest.mark.parametrize("action", ["undo", "discard", "publish"])
    def test_nothing_is_done_with_what_a_colleague_changed_after_it_was_shown(self, anna, studio, draft, action):
        careful = [{**studio.content().value(SHARING)[0], "text": "Written with much care."}]
        version, revision = studio.draft(draft.id).version(SHARING), studio.draft(draft.id).revision
        studio.edit(draft.id, SHARING, careful, BEN, version)
        tried_draft(studio, studio.draft(draft.id))
        fields = {"item": SHARING.id, "version": version, "revision": revision, "sure": "yes", "message": "Better"}
        told = anna.post(path(draft, action), seen_on=path(draft), **fields)
        assert told.status_code == 409 and "changed this" in text_of(told)
        assert studio.draft(draft.id).change(SHARING).change.after == careful
        assert studio.draft(draft.id).state == "open" and not studio.publications()

    def test_an_answer_that_a_colleague_changed_meanwhile_is_not_deleted(self, anna, studio, draft):
        careful = [{**studio.content().value(SHARING)[0], "text": "Written with much care."}]
        shown = "/content/answers/sharing"
        assert anna.get(f"{shown}?draft={draft.id}").status_code == 200
        version = studio.draft(draft.id).version(SHARING)
        studio.edit(draft.id, SHARING, careful, BEN, version)
        told = anna.post("/content/delete", seen_on=shown, item=SHARING.id, sure="yes", version=version)
        assert told.status_code == 409 and "A colleague has changed this draft" in text_of(told)
        assert studio.draft(draft.id).change(SHARING).change.after == careful

    def test_it_is_renamed_and_put_away_only_when_one_is_sure(self, anna, studio, draft):
        anna.fill(path(draft), "rename", title="  Sharing  anew ")
        assert studio.draft(draft.id).title == "Sharing anew"
        assert anna.fill(path(draft), "rename", title="t" * 121).status_code == 400
        assert anna.fill(path(draft), "discard").status_code == 400
        assert anna.fill(path(draft), "discard", sure="yes").status_code == 303
        assert studio.drafts() == [] and anna.get(path(draft)).status_code == 200

    def test_errors_stand_against_publishing(self, anna, studio):
        broken = changed_draft(studio, text="Press {nothing_of_ours}.")
        page = anna.get(path(broken))
        assert "To mend" in page.text and "Mend first" in text_of(page) and "/publish" not in page.text

    def test_of_one_that_is_not_there_nothing_is_shown(self, anna):
        assert anna.get("/content/drafts/99").status_code == 404
        assert anna.get("/content/drafts/99/progress").status_code == 404

    def test_a_conflict_shows_both_versions_and_is_resolved(self, anna, studio, draft):
        other = tried_draft(studio, changed_draft(studio, BEN, "Press **Share** on the page of Ben."))
        studio.publish(other.id, BEN, "Ben's words")
        page = anna.get(path(draft))
        assert (
            "1 change was overtaken" in text_of(page)
            and "badge</del><ins>Ben</ins>" in page.text
            and "the new" in page.text
        )
        assert "/publish" not in page.text
        anna.fill(path(draft), "resolve", choice="ours")
        assert not studio.draft_content(studio.draft(draft.id)).conflicts
        assert (
            studio.draft_content(studio.draft(draft.id)).value(SHARING)[0]["text"].startswith("Press the new **Share**")
        )


class TestATrial:
    def test_is_begun_and_watched(self, anna, studio, draft):
        answer = anna.fill(path(draft), "try")
        assert answer.location.endswith("#trial")
        page = anna.get(path(draft))
        assert "It waits for its turn" in page.text and "Look again" in page.text and "<progress" in page.text
        trial = studio.claim_trial("test")
        studio.progress(trial.id, 0.4, "Reading 3 new examples.")
        told = anna.get(path(draft, "progress")).get_json()
        assert told.pop("steps") == 0
        assert told == {"state": "running", "share": 0.4, "words": "Reading 3 new examples.", "under_way": True}
        studio.fail(trial.id, "There is no space left on the disk. Make room, then try again.")
        assert not anna.get(path(draft, "progress")).get_json()["under_way"]
        assert "no space left" in anna.get(path(draft)).text and "Try it again" in anna.get(path(draft)).text

    def test_shows_what_would_be_answered_differently(self, anna, studio, draft):
        tried_draft(studio, draft, **RESULT)
        page = anna.get(path(draft))
        words = text_of(page)
        assert "“on <i>X</i>?”" in words and "on &lt;i&gt;X&lt;/i&gt;?" in page.text
        assert "after “How do I share it?”" in words and "Privacy → Sharing" in words
        assert "Not understood → Sharing" in words and "4 times" in words
        assert "Somebody shares newly wrong “and then” was: Press it. now: Who?" in words
        assert "How do I share my badge? · 2 test questions, 1 recent message" in words
        assert "Nobody wrote <lately>" in words and "700 of 900 test questions were asked" in words
        assert "98.5%" in words and FALLEN in words and "11.9 s" in words

    def test_shows_what_is_known_before_it_is_over(self, anna, studio, draft):
        anna.fill(path(draft), "try")
        trial = studio.claim_trial("test")
        assert "Newly right" not in text_of(anna.get(path(draft)))
        so_far = {
            "questions": RESULT["questions"],
            "counts": {"asked": 300, "questions": 900},
            "steps": {"training": 9},
        }
        with studio.database.transaction() as connection:
            store.set_trial(connection, trial.id, [TrialState.RUNNING], result=store.result_text(so_far))
        words = text_of(anna.get(path(draft)))
        assert "So far, after 300 of 900 test questions" in words and "Privacy → Sharing" in words
        assert "Try the draft first, as it stands now" in words and "is answered differently" not in words
        assert anna.get(path(draft, "progress")).get_json()["steps"] == 1

    def test_a_conversation_that_only_uses_new_words_is_not_called_wrong(self, anna, studio, draft):
        parted = {"said": "who?", "was": "It is.", "now": "Indeed.", "problems": ["misses 'is'"]}
        told = {"title": "Who asks", "was_right": True, "is_right": False, "first_difference": parted}
        tried_draft(studio, draft, conversations=[{**told, "only_words": True}])
        words = text_of(anna.get(path(draft)))
        assert "Conversations that go the same way, in new words Who asks “who?” was: It is. now: Indeed." in words
        assert "newly wrong" not in words and "misses" not in words and "is answered differently" not in words

    def test_without_any_difference_says_so(self, anna, studio, draft):
        tried_draft(studio, draft)
        assert "is answered differently" in anna.get(path(draft)).text

    def test_of_an_older_state_does_not_count(self, anna, studio, draft):
        tried_draft(studio, draft)
        assert "/publish" in anna.get(path(draft)).text
        changed = studio.draft_content(studio.draft(draft.id)).value(SHARING)
        studio.edit(
            draft.id, SHARING, [{**changed[0], "text": "Newer."}], ANNA, studio.draft(draft.id).version(SHARING)
        )
        page = anna.get(path(draft))
        assert "before the latest change" in page.text and "/publish" not in page.text


class TestTheChatWithADraft:
    REPLY = {
        "text": "**Press** <b>it</b>.",
        "utterance": "utter_faq/sharing_options",
        "buttons": [{"title": "Privacy", "payload": "/faq/privacy"}],
    }

    def say(self, anna, draft, **changes):
        form = anna.form(path(draft), "chat")
        return anna.client.post(form.address, data={**form.fields, **changes}, headers={"Accept": "application/json"})

    def test_answers_with_safe_html_and_goes_on(self, anna, studio, draft, said):
        said.replies = [AssistantReply.from_json(self.REPLY)]
        tried_draft(studio, draft)
        first = self.say(anna, draft, text="how do I share it").get_json()
        (reply,) = first["replies"]
        assert reply["html"] == "<p><strong>Press</strong> &lt;b&gt;it&lt;/b&gt;.</p>"
        assert reply["buttons"] == [{"title": "Privacy", "payload": "/faq/privacy"}]
        kept = {name: first[name] for name in ("conversation", "history")}
        self.say(anna, draft, payload="/faq/privacy", **kept)
        (model, one, typed, at_first), (_, other, pressed, about) = said.asked
        assert studio.trial(draft.id).model == f"models/{model}" and one == other
        assert at_first is None and "sharing" in json.dumps(about)
        assert typed.text == "how do I share it" and pressed.payload == "/faq/privacy"

    def test_works_without_a_script(self, anna, studio, draft, said):
        said.replies = [AssistantReply.from_json(self.REPLY)]
        tried_draft(studio, draft)
        page = anna.fill(path(draft), "chat", text="how <do> I share it").text
        assert (
            "how &lt;do&gt; I share it" in page and "<strong>Press</strong>" in page and 'value="/faq/privacy"' in page
        )

    def test_says_why_there_is_no_answer(self, anna, studio, draft, said):
        tried_draft(studio, draft)
        away = self.say(anna, draft, text="hello")
        assert away.status_code == 503 and "does not answer just now" in away.get_json()["problem"]
        assert self.say(anna, draft, text=" ").status_code == 400
        assert self.say(anna, draft, text="x" * 2_001).status_code == 400

    def test_needs_a_trial(self, anna, draft, said):
        assert "Once the draft has been tried out" in anna.get(path(draft)).text
        token = anna.form(path(draft), "rename").fields["csrf_token"]
        answer = anna.client.post(f"/console{path(draft, 'chat')}", data={"csrf_token": token, "text": "hello"})
        assert answer.status_code == 409 and said.asked == []

    def test_a_conversation_of_somebody_else_cannot_be_named(self, anna, studio, draft, said):
        said.replies = [AssistantReply.from_json(self.REPLY)]
        tried_draft(studio, draft)
        for history in ("[[1]]", "{", '[["user", 1, "", []]]', "[" * 10_000):
            self.say(anna, draft, text="hello", conversation="c-r1", history=history)
        assert all(name.startswith("preview-") and about is None for _, name, _, about in said.asked)


class TestPublishing:
    def test_goes_live_with_a_message_and_comes_back(self, anna, studio, draft):
        tried_draft(studio, draft)
        assert anna.fill(path(draft), "publish", message=" ").status_code == 400
        answer = anna.fill(path(draft), "publish", message="The new button")
        page = anna.client.get(answer.location)
        assert "It is live." in page.text and "Press<ins> the new</ins>" in page.text
        assert studio.content().value(SHARING)[0]["text"].startswith("Press the new **Share**")
        history = anna.get("/content/history")
        assert "The new button" in history.text and ANNA in history.text
        assert anna.get("/content/history/1.patch").text.count("\n+") >= 1
        assert anna.fill("/content/history", "/history/0/back").status_code == 400  # not sure
        back = anna.fill("/content/history", "/history/0/back", sure="yes")
        assert "is live again" in anna.client.get(back.location).text
        assert studio.content().value(SHARING)[0]["text"].startswith("Press **Share** on")

    def test_though_a_floor_falls_only_with_a_reason(self, anna, studio, draft):
        tried_draft(studio, draft, **RESULT)
        refused = anna.fill(path(draft), "publish", message="The new button")
        assert refused.status_code == 409 and "got worse" in refused.text and 'value="The new button"' in refused.text
        assert studio.publications() == []
        anna.fill(path(draft), "publish", message="The new button", override="One odd question")
        assert "One odd question" in anna.get("/content/history").text

    def test_a_form_that_is_too_old_publishes_nothing(self, anna, studio, draft):
        tried_draft(studio, draft)
        form = anna.form(path(draft), "publish")
        studio.edit(draft.id, PRIVACY, [{**studio.content().value(PRIVACY)[0], "text": "Newer."}], BEN, 0)
        answer = anna.client.post(form.address, data={**form.fields, "message": "Mine"})
        assert answer.status_code == 409 and "changed this draft since you opened it" in answer.text
        assert studio.publications() == []

    def test_what_is_installed_newer_is_brought_in(self, anna, studio, draft, installation):
        tried_draft(studio, draft)
        studio.publish(draft.id, ANNA, "The new button")
        file = installation / "domain.yml"
        file.write_text(file.read_text().replace("Hello, {name}!", "Welcome, {name}!"))
        page = anna.get("/content/history")
        assert "The installation has newer content" in page.text and "<ins>Welcome</ins>" in page.text
        answer = anna.fill("/content/history", "bring-in")
        assert "<ins>Welcome</ins>" in anna.client.get(answer.location).text

    def test_rules_alone_that_are_newer_are_brought_in(self, anna, studio, draft, installation):
        tried_draft(studio, draft)
        studio.publish(draft.id, ANNA, "The new button")
        (installation / "data/stories/rules.yml").write_text('version: "3.1"\nrules: []  # another rule\n')
        assert "1 file: data/stories/rules.yml" in text_of(anna.get("/content/history"))
        anna.fill("/content/history", "bring-in")
        brought = studio.drafts()[0]
        assert "rules or notes that developers changed" in anna.get(path(brought)).text
        assert anna.fill(path(brought), "try").status_code == 303
        tried_draft(studio, brought)
        assert anna.fill(path(brought), "publish", message="What developers changed").status_code == 303
        assert "The installation has newer content" not in anna.get("/content/history").text

    def test_the_way_back_is_offered_to_what_is_not_live_only(self, anna, studio, draft):
        tried_draft(studio, draft)
        first = studio.publish(draft.id, ANNA, "The new button")
        installed = studio.roll_back(0, ANNA)

        def ways():
            return set(re.findall(r"/history/(\d+)/back", anna.get("/content/history").text))

        assert ways() == {str(first.id)}
        studio.roll_back(first.id, ANNA)
        assert ways() == {str(installed.id), "0"}


class TestASecondPerson:
    @pytest.fixture()
    def options(self):
        return {"content_approval": "second"}

    @pytest.fixture()
    def asked(self, anna, studio, draft):
        tried_draft(studio, draft)
        anna.fill(path(draft), "publish", message="The new button")
        return studio.publications()[0]

    def test_is_needed_and_says_yes(self, anna, ben, studio, asked):
        page = anna.get(f"/content/history/{asked.id}")
        assert "Somebody else has to agree" in page.text and "/approve" not in page.text
        assert studio.content().value(SHARING)[0]["text"].startswith("Press **Share** on")
        assert "waits for a second person" in ben.get("/content").text
        answer = ben.fill(f"/content/history/{asked.id}", "approve")
        assert "Approved. It is live." in ben.client.get(answer.location).text
        assert studio.publication(asked.id).approved_by == BEN

    def test_cannot_be_the_first_one(self, anna, ben, studio, asked):
        token = ben.form(f"/content/history/{asked.id}", "approve").fields["csrf_token"]
        assert token
        own = anna.form(f"/content/history/{asked.id}", "reject").fields["csrf_token"]
        answer = anna.client.post(f"/console/content/history/{asked.id}/approve", data={"csrf_token": own})
        assert answer.status_code == 409 and studio.publication(asked.id).state.value == "waiting"

    def test_refuses_with_a_reason_and_the_draft_goes_on(self, anna, ben, studio, asked, draft):
        assert ben.fill(f"/content/history/{asked.id}", "reject", reason=" ").status_code == 400
        ben.fill(f"/content/history/{asked.id}", "reject", reason="Say where <it> is")
        assert "Say where &lt;it&gt; is" in anna.get(f"/content/history/{asked.id}").text
        assert anna.fill("/content/answers/sharing", "keep/sentence", text="Better.").status_code == 303
        assert studio.draft_content(studio.draft(draft.id)).value(SHARING)[0]["text"] == "Better."

    def test_changes_meanwhile_go_into_another_draft(self, anna, studio, asked, draft):
        assert "cannot be changed until then" in anna.get(path(draft)).text
        anna.fill("/content/answers/sharing", "keep/sentence", text="Later.")
        assert len(studio.drafts()) == 2 and len(studio.draft(draft.id).changes) == 1


def test_content_that_cannot_be_read_is_said(anna, installation):
    (installation / "domain.yml").write_text("responses: [")
    answer = anna.get("/content")
    assert answer.status_code == 503 and "domain.yml" in answer.text
    assert anna.get("/").status_code == 200


def test_logs_name_neither_people_nor_words(anna, studio, draft, caplog):
    caplog.set_level("INFO")
    tried_draft(studio, draft)
    anna.fill("/content/answers/sharing", "keep/examples", add="my secret example")
    told = json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert "secret example" not in told and ANNA not in told
