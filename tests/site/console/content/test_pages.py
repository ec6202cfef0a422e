"""What editors see of the content, and how they change it."""

import datetime

import numpy as np
import pytest

import bot.clock
from bot.conversations.store import Message
from bot.insight.numbers import FaqNumbers
from bot.site.console import insight
from bot.studio.items import Item, ItemKind
from tests.servers.staff import ANNA, BEN
from tests.site.console.content.conftest import (
    FACT,
    GREETING,
    LEVEL,
    PRICE,
    PRIVACY,
    SHARING,
    SHARING_EXAMPLES,
    text_of,
)

EVERY_PAGE = (
    "/content",
    "/content/sentences",
    "/content/declined",
    "/content/messages",
    "/content/credentials",
    "/content/answers/sharing",
    "/content/answers/sharing/examples",
    f"/content/item/{FACT.id}",
    f"/content/item/{GREETING.id}",
    f"/content/item/{PRICE.id}",
    "/content/item/examples:affirm@team_offered",
    "/content/credentials/level_1",
    "/content/credentials/new",
    "/content/new",
    "/content/declined/new",
    "/content/drafts",
    "/content/history",
)


def draft_of(studio):
    (draft,) = studio.drafts()
    return draft


def value(studio, item):
    return studio.draft_content(draft_of(studio)).value(item)


def test_every_page_is_for_editors(anna, visitor):
    for path in EVERY_PAGE:
        assert anna.get(path).status_code == 200, path
        assert visitor.get(path).headers["Location"].endswith("/console/sign-in"), path


class TestWhoMayEdit:
    @pytest.fixture()
    def options(self):
        return {"content_editors": frozenset({BEN})}

    def test_others_are_told_who_may(self, anna):
        for path in EVERY_PAGE:
            answer = anna.get(path)
            assert answer.status_code == 403 and "CONTENT_EDITORS" in answer.text, path

    def test_others_can_change_nothing(self, anna, studio):
        token = anna.form("/", "sign-out").fields["csrf_token"]
        sent = {"csrf_token": token, "item": SHARING.id, "text": "Mine.", "question": "Q?", "title": "T"}
        assert anna.client.post("/console/content/keep/sentence", data=sent).status_code == 403
        assert studio.drafts() == []

    def test_the_menu_has_the_content_for_editors_alone(self, anna, ben):
        assert 'href="/console/content"' not in anna.get("/").text
        assert 'href="/console/content"' in ben.get("/").text


def test_no_form_is_taken_without_its_token(anna, studio):
    for path in ("keep/sentence", "keep/examples", "keep/fact", "keep/credential", "delete", "new", "preview", "draft"):
        answer = anna.client.post(f"/console/content/{path}", data={"item": SHARING.id, "text": "x"})
        assert answer.status_code == 400 and "not accepted" in answer.text
    assert studio.drafts() == []


class TestFinding:
    def test_by_words_of_question_answer_fact_or_example(self, anna):
        for words, where in (("badge page", ""), ("by mail", "You can share it by mail."), ("profile", "put it on")):
            page = anna.get(f"/content?q={words}").text
            assert "How do I share my badge?" in page and "Who sees my badge?" not in page
            assert where in page

    def test_who_has_all_words_together_hides_who_has_them_here_and_there(self, anna, studio):
        page = anna.get("/content?q=profile+mail").text  # an example, and a fact
        assert "How do I share my badge?" in page
        item = Item(ItemKind.EXAMPLES, "faq/privacy")
        draft = studio.open_draft("More", ANNA)
        studio.edit(draft.id, item, [*studio.content().value(item), "a mail to my profile"], ANNA, 0)
        page = anna.get("/content?q=profile+mail").text
        assert "How do I share my badge?" not in page and "Who sees my badge?" in page

    def test_nothing_found_leads_on(self, anna):
        page = anna.get("/content?q=paper+copy").text
        assert "No answer has all these words" in page and "/content/new?question=paper+copy" in page

    def test_sentences_messages_and_kinds(self, anna):
        assert "Hello, {name}!" in anna.get("/content/sentences?q=hello").text
        assert "Hello, {name}!" not in anna.get("/content/sentences?q=goodbye").text
        assert "after team offered" in text_of(anna.get("/content/messages?q=yes+do"))
        assert "Exam price" in anna.get("/content/declined?q=cost").text

    def test_what_people_typed_is_only_text(self, anna):
        page = anna.get("/content?q=<script>alert(1)</script>").text
        assert "<script>alert" not in page and "&lt;script&gt;" in page


class TestAnAnswer:
    def test_shows_all_that_belongs_to_it(self, anna):
        page = anna.get("/content/answers/sharing").text
        for shown in ("Press **Share**", "Press *Share*", "You can share it by mail.", "put it on my profile"):
            assert shown in page
        assert '<mark title="credential">Level 1</mark>' in page
        assert 'value="privacy" selected' in page

    def test_a_change_goes_into_a_draft_and_not_live(self, anna, studio):
        answer = anna.fill(
            "/content/answers/sharing", "keep/sentence", text="Press\r\nthe *new* Share.", title="Share it"
        )
        assert answer.status_code == 303 and answer.location.endswith("/content/answers/sharing")
        page = anna.client.get(answer.location)
        assert "Kept in the draft “Share it”" in text_of(page) and "Press\nthe *new* Share." in page.text
        first, slack = value(studio, SHARING)
        assert first["text"] == "Press\nthe *new* Share." and first["metadata"]["title"] == "Share it"
        assert first["metadata"]["kind"] == "answer" and slack["metadata"]["title"] == "Share it"
        assert studio.content().value(SHARING)[0]["text"].startswith("Press **Share**")

    def test_a_form_that_nobody_touched_changes_nothing(self, anna, studio):
        for path in ("/content/answers/sharing", f"/content/item/{GREETING.id}", f"/content/item/{FACT.id}"):
            anna.fill(path, "keep/sentence")
        assert draft_of(studio).changes == ()

    def test_the_slack_text_goes_when_it_is_emptied(self, anna, studio):
        anna.fill("/content/answers/sharing", "keep/sentence", slack="")
        assert [one.get("channel") for one in value(studio, SHARING)] == [None]
        anna.fill("/content/answers/privacy", "keep/sentence", slack="Public.")
        own = value(studio, PRIVACY)[1]
        assert own == {
            "channel": "slack",
            "text": "Public.",
            "metadata": {"question": "Who sees my badge?", "title": "Privacy"},
        }

    def test_what_cannot_be_kept_is_said_and_not_lost(self, anna, studio):
        for text, told in (("", "Write a text first"), ("x" * 10_001, "Shorten the text to 10,000 characters")):
            answer = anna.fill("/content/answers/sharing", "keep/sentence", text=text, question="A new <question>?")
            assert answer.status_code == 400 and told in answer.text
            assert "A new &lt;question&gt;?" in answer.text
        assert studio.drafts() == []

    def test_there_is_no_other(self, anna):
        for path in ("answers/none", "item/response:utter_none", "item/nonsense", "item/response:../../etc/passwd"):
            assert anna.get(f"/content/{path}").status_code == 404

    def test_deleting_takes_its_examples_and_facts_along(self, anna, studio):
        assert anna.fill("/content/answers/sharing", "delete").status_code == 303  # not sure
        assert studio.drafts() == []
        anna.fill("/content/answers/sharing", "delete", sure="yes")
        gone = {one.item.id for one in draft_of(studio).changes}
        assert gone == {SHARING.id, SHARING_EXAMPLES.id, FACT.id, "examples:fact/sharing_mail@sharing"}
        assert anna.get("/content/answers/sharing").status_code == 404
        assert "How do I share my badge?" in anna.get(f"/content/drafts/{draft_of(studio).id}").text

    def test_deleting_takes_it_out_of_what_others_are_related_to(self, anna, studio):
        anna.fill("/content/answers/privacy", "delete", sure="yes")
        assert "related" not in value(studio, SHARING)[0]["metadata"]


def test_an_editor_sees_which_examples_carry_an_answer_and_which_nobody_writes_like(anna, monkeypatch):
    near = {"how do I share it": [1, 0, 0], "put it on my profile": [0, 1, 0], "sharing how": [0.9, 0.1, 0]}
    monkeypatch.setattr(insight, "encode", lambda texts: np.array([near.get(text, [0, 0, 1]) for text in texts]))
    assert "Nobody got this answer in the last 30 days" in anna.get("/content/answers/sharing/examples").text
    asked = FaqNumbers(faq_id="sharing", asked=2, answered=2, first_asked=datetime.date(2026, 3, 2))
    monkeypatch.setattr("bot.site.console.example_use.faq_questions", lambda *_: ["sharing how", "sharing how"])
    monkeypatch.setattr("bot.site.console.example_use.numbers_of", lambda faq_id: asked)
    monkeypatch.setattr("bot.site.console.content.faq_numbers", lambda *_: asked)
    page = anna.get("/content/answers/sharing/examples").text
    carry, idle = page.split("are like nothing that anybody wrote")
    assert "1 carry it" in carry and "how do I share it" in carry and "2 messages" in carry
    assert "put it on my profile" in idle and "sharing how" not in page
    page = anna.get("/content/answers/sharing").text
    assert "which of them carry it" in page and "2 March 2026" in page
    assert anna.get("/content/answers/nothing/examples").status_code == 404


def test_what_became_of_an_answer_stands_beside_it(anna, services, monkeypatch):
    monkeypatch.setattr("bot.insight.daily_counts.faq_id", lambda utterance: utterance.removeprefix("utter_faq/"))
    now = bot.clock.now()
    services.store.create("c", "site", now)
    for helpful in (True, False, None):
        services.store.add("c", Message.new("user", "how?", now=now), Message.new("bot", "So.", SHARING.name, now=now))
        if helpful is not None:
            services.store.rate("c", services.store.all("c")[-1].id, helpful, "")
    assert "answered 3 helpful 1 of 2" in text_of(anna.get("/content"))


class TestExamples:
    def test_are_added_by_paste_and_taken_away(self, anna, studio):
        pasted = "- share on X?\r\n\r\n  * how do I share it\r\n• and   with   friends\r\n"
        fields = {"add": pasted, "remove": ["put it on my profile"]}
        assert anna.fill("/content/answers/sharing", "keep/examples", **fields).status_code == 303
        assert value(studio, SHARING_EXAMPLES) == [
            "how do I share it",
            "where can I share my [Level 1](credential) badge",
            "share on X?",
            "and with friends",
        ]

    def test_of_a_fact_and_of_a_place(self, anna, studio):
        anna.fill(f"/content/item/{FACT.id}", "keep/examples", add="mail?")
        anna.fill("/content/item/examples:affirm@team_offered", "keep/examples", add="please do")
        assert value(studio, Item.of("examples:fact/sharing_mail@sharing"))[-1] == "mail?"
        assert value(studio, Item.of("examples:affirm@team_offered")) == ["yes do that", "please do"]

    def test_too_many_or_too_long_are_said_and_not_lost(self, anna, studio):
        for added, told in (("\n".join(f"example {n}" for n in range(501)), "at most 500"), ("y" * 1_001, "1,000")):
            answer = anna.fill("/content/answers/sharing", "keep/examples", add=added)
            assert answer.status_code == 413 and told in answer.text and added[:400] in answer.text
        assert studio.drafts() == []

    def test_far_too_much_is_refused_in_words(self, anna):
        answer = anna.fill("/content/answers/sharing", "keep/examples", add="z " * 200_000)
        assert answer.status_code == 413 and "too long" in answer.text

    def test_of_two_editors_at_once_all_stay(self, anna, ben, studio):
        anna.fill("/content/answers/sharing", "keep/examples", add="from anna")
        draft = draft_of(studio)
        ben.get(f"/content/answers/sharing?draft={draft.id}")
        form = ben.form("/content/answers/sharing", "keep/examples")
        anna.fill("/content/answers/sharing", "keep/examples", add="anna again", remove=["how do I share it"])
        ben.client.post(form.address, data={**form.fields, "add": "from ben"})
        assert value(studio, SHARING_EXAMPLES)[-3:] == ["from anna", "anna again", "from ben"]
        assert "how do I share it" not in value(studio, SHARING_EXAMPLES)

    def test_nothing_at_all_says_so(self, anna, studio):
        answer = anna.fill("/content/answers/sharing", "keep/examples", add=" \n ")
        assert "nothing to keep" in anna.client.get(answer.location).text and studio.drafts() == []


class TestTwoEditorsOnOneAnswer:
    def test_the_later_one_sees_both_versions_and_chooses(self, anna, ben, studio):
        anna.fill("/content/answers/sharing", "keep/sentence", text="A first change.")
        draft = draft_of(studio)
        ben.get(f"/content/answers/sharing?draft={draft.id}")
        form = ben.form("/content/answers/sharing", "keep/sentence")
        anna.fill("/content/answers/sharing", "keep/sentence", text="Press what Anna says.")
        late = ben.client.post(form.address, data={**form.fields, "text": "Press what Ben says."})
        assert late.status_code == 409 and f"{ANNA} has changed this" in text_of(late)
        assert "<del>Ben</del><ins>Anna</ins>" in late.text
        assert ">Press what Ben says.</textarea>" in late.text
        assert value(studio, SHARING)[0]["text"] == "Press what Anna says."
        ben.fill(late.text, "keep/sentence")
        assert value(studio, SHARING)[0]["text"] == "Press what Ben says."
        assert draft_of(studio).change(SHARING).authors == (ANNA, BEN)

    def test_different_answers_do_not_disturb_each_other(self, anna, ben, studio):
        anna.fill("/content/answers/sharing", "keep/sentence", text="Anna's.")
        ben.get(f"/content?draft={draft_of(studio).id}")
        form = ben.form("/content/answers/privacy", "keep/sentence")
        anna.fill("/content/answers/sharing", "keep/sentence", text="Anna's again.")
        assert ben.client.post(form.address, data={**form.fields, "text": "Ben's."}).status_code == 303
        assert value(studio, SHARING)[0]["text"] == "Anna's again." and value(studio, PRIVACY)[0]["text"] == "Ben's."

    def test_each_has_a_draft_of_the_own_otherwise(self, anna, ben, studio):
        anna.fill("/content/answers/sharing", "keep/sentence", text="Anna's.")
        assert "Anna&#39;s." not in ben.get("/content/answers/sharing").text
        ben.fill("/content/answers/sharing", "keep/sentence", text="Ben's.")
        assert sorted(one.author for one in studio.drafts()) == [ANNA, BEN]

    def test_a_draft_that_is_gone_is_followed_by_a_new_one(self, anna, studio):
        anna.fill("/content/answers/sharing", "keep/sentence", text="One.")
        form = anna.form("/content/answers/sharing", "keep/sentence")
        gone = draft_of(studio)
        studio.discard(gone.id, BEN)
        answer = anna.client.post(form.address, data={**form.fields, "text": "Two."})
        assert "so a new one was begun" in anna.client.get(answer.location).text
        assert draft_of(studio).id != gone.id and value(studio, SHARING)[0]["text"] == "Two."


class TestOtherThings:
    def test_buttons_of_a_sentence(self, anna, studio):
        form = anna.form(f"/content/item/{GREETING.id}", "keep/sentence")
        titles = ["Share it", "The team", *form.fields["button"][2:]]
        leads = ["/faq/privacy", "/escalate", *form.fields["leads_to"][2:]]
        anna.client.post(form.address, data={**form.fields, "button": titles, "leads_to": leads})
        buttons = value(studio, GREETING)[0]["buttons"]
        assert buttons[0] == {"title": "Share it", "payload": "/faq/privacy"}
        assert [one["title"] for one in buttons] == [one for one in titles if one]

    def test_a_credential_is_changed_and_added(self, anna, studio):
        anna.fill("/content/credentials/level_1", "keep/credential", names="Level 1\nlevel one", valid_months="24")
        assert value(studio, LEVEL) == {
            "id": "level_1",
            "title": "Level 1",
            "names": ["level 1", "level one"],
            "valid_months": 24,
        }
        new = {"title": "OneStream Certified Tester", "names": "certified tester"}
        anna.fill("/content/credentials/new", "keep/credential", **new)
        assert value(studio, Item(ItemKind.CREDENTIAL, "onestream_certified_tester"))["title"] == new["title"]

    def test_a_credential_without_a_name_or_with_odd_months_is_refused(self, anna, studio):
        for changes in ({"names": " "}, {"valid_months": "two"}, {"title": "t" * 201}):
            assert anna.fill("/content/credentials/level_1", "keep/credential", **changes).status_code == 400
        assert studio.drafts() == []

    def test_a_fact_is_added_with_what_people_ask(self, anna, studio):
        few = anna.fill("/content/answers/sharing", "keep/fact", fact="It is free.", fact_examples="is it free")
        assert few.status_code == 400 and "at least three" in few.text and "It is free." in few.text
        asked = "is it free\nwhat does it cost\nfor nothing?"
        anna.fill("/content/answers/sharing", "keep/fact", fact="It is free.", fact_examples=asked)
        response, examples = sorted(
            (one.item for one in draft_of(studio).changes), key=lambda one: one.kind, reverse=True
        )
        assert value(studio, response)[0]["metadata"] == {"kind": "fact", "of": "sharing"}
        assert examples.after == "sharing" and value(studio, examples) == asked.split("\n")
        assert "It is free." in anna.get("/content/answers/sharing").text


class TestANewAnswer:
    FIELDS = {
        "question": "Do I get a paper copy?",
        "topic": "basics",
        "text": "Yes, by **post**.",
        "examples": "paper copy\nprinted one\non paper?\ncan you print it\nby post please",
    }

    def test_goes_into_the_draft_with_its_examples(self, anna, studio):
        answer = anna.fill("/content/new", "content/new", **self.FIELDS)
        assert answer.status_code == 303 and answer.location.endswith("/content/answers/get_paper_copy")
        new = Item(ItemKind.RESPONSE, "utter_faq/get_paper_copy")
        about = {"kind": "answer", "question": "Do I get a paper copy?", "title": "Do I get a paper copy?"}
        assert value(studio, new) == [{"text": "Yes, by **post**.", "metadata": about}]
        assert draft_of(studio).change(new).change.path == "data/nlu/faq/basics.yml"
        assert len(value(studio, Item(ItemKind.EXAMPLES, "faq/get_paper_copy"))) == 5
        page = anna.get("/content").text
        assert "Do I get a paper copy?" in page and page.rindex("Who sees") < page.rindex("paper copy?")
        assert 'value="get_paper_copy"' in anna.get("/content/answers/sharing").text  # to be related to

    def test_says_all_that_is_missing_and_keeps_what_is_there(self, anna, studio):
        answer = anna.fill(
            "/content/new", "content/new", **{**self.FIELDS, "topic": "", "examples": "only one", "text": ""}
        )
        page = text_of(answer)
        assert answer.status_code == 400 and studio.drafts() == []
        for told in ("Write the answer.", "Choose a topic.", "at least 5 example messages", "only one"):
            assert told in page

    def test_begins_with_what_a_link_brings(self, anna):
        page = anna.get("/content/new?question=Is+there+paper%3F&examples=paper&examples=a+%3Cprinted%3E+one").text
        assert 'value="Is there paper?"' in page and "paper\na &lt;printed&gt; one</textarea>" in page

    def test_the_same_question_twice_gets_two_names(self, anna, studio):
        for _ in range(2):
            anna.fill("/content/new", "content/new", **self.FIELDS)
        names = {one.item.name for one in draft_of(studio).changes if one.item.kind is ItemKind.RESPONSE}
        assert names == {"utter_faq/get_paper_copy", "utter_faq/get_paper_copy_2"}

    def test_a_kind_that_is_not_ours(self, anna, studio):
        given = {"question": "Lost passport", "text": "That is not covered.", "examples": self.FIELDS["examples"]}
        anna.fill("/content/declined/new", "declined/new", **given)
        new = Item(ItemKind.RESPONSE, "utter_out_of_scope/lost_passport")
        assert value(studio, new)[0]["metadata"] == {"kind": "decline", "offer": "escalate"}
        assert "Lost passport" in anna.get("/content/declined").text


class TestPreview:
    def preview(self, anna, page="/content/answers/sharing", action="keep/sentence", **changes):
        form = anna.form(page, action)
        return anna.client.post("/console/content/preview", data={**form.fields, **changes})

    def test_shows_web_slack_and_mail(self, anna):
        page = self.preview(anna, text="**Bold** [Credly](https://www.credly.com) & <b>", slack="").text
        assert '<strong>Bold</strong> <a href="https://www.credly.com"' in page
        assert "<b>" not in page and "Bold Credly (https://www.credly.com) &amp; &lt;b&gt;</pre>" in page
        assert page.count("<strong>Bold</strong>") == 2  # Slack, too

    def test_nothing_dangerous_comes_of_it(self, anna):
        bad = "<script>alert(1)</script> [x](javascript:alert(1)) `<img src=x onerror=y>`"
        page = self.preview(anna, text=bad, slack=bad).text
        assert "<script" not in page and "<img" not in page and 'href="javascript' not in page

    def test_says_what_to_mend(self, anna):
        page = self.preview(anna, text="Hello {nobody}!").text
        assert "To mend" in page and "{nobody}" in page
        assert "Nothing to mend" in self.preview(anna).text

    def test_of_examples_says_what_is_there_and_what_clashes(self, anna):
        page = self.preview(anna, action="keep/examples", add="how do I share it\nis my badge public").text
        assert "There already: “<bdi>how do I share it</bdi>”" in page
        assert "To mend" in page and "is my badge public" in page
        assert "stands under “Privacy”" in page and "faq/privacy" not in page

    def test_of_a_new_answer_looks_at_its_examples_too(self, anna):
        good = {"question": "Paper?", "title": "Paper", "text": "By **post**.", "examples": "paper copy\nprinted one"}
        page = self.preview(anna, "/content/new", "content/new", **good).text
        assert "<strong>post</strong>" in page and "These are few" in page and "To mend" not in page
        assert "To mend" not in self.preview(anna, "/content/new", "content/new", **{**good, "title": ""}).text
        clash = {**good, "examples": "paper copy\nis my badge public"}
        assert "To mend" in self.preview(anna, "/content/new", "content/new", **clash).text

    def test_keeps_nothing(self, anna, studio):
        self.preview(anna, text="Something else.")
        assert studio.drafts() == []
