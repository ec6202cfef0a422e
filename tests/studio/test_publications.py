"""Publishing: what stands against it, who must agree, history, roll-backs, and what developers changed below."""

import contextlib
import shutil
import subprocess
import threading

import pytest

from bot.errors import EmptyText, TextTooLong
from bot.studio.content import Content
from bot.studio.drafts import DraftState, TrialState
from bot.studio.publications import MODELS_KEPT, CannotPublish, NoPublication, PublicationState, TrainsFirst
from bot.studio.service import NotSecondPerson
from tests.studio.conftest import (
    ANN,
    BEN,
    CAT,
    FILES,
    PRIVACY,
    QUESTIONS,
    SHARING,
    answer,
    published,
    said,
    studio_on,
    tried,
)

PRIVATE = answer("Private.", "Who sees my badge?", "Privacy")


def changed(studio, draft, text="Press the new Share."):
    studio.edit(draft.id, SHARING, answer(text), ANN, studio.draft(draft.id).version(SHARING))
    return draft.id


def test_a_tried_draft_goes_live_with_its_model(studio, draft, clock):
    trial = tried(studio, changed(studio, draft))
    clock.pass_by(30)
    live = studio.publish(draft.id, ANN, "Say it better")
    assert (live.state, live.by, live.at, live.follows) == (PublicationState.LIVE, ANN, clock.now, 0)
    assert studio.files.live() == {"publication": live.id, "root": f"versions/{live.id}", "model": trial.model}
    assert said(studio) == "Press the new Share." and said(studio, PRIVACY) == "Your badge is public."
    root = studio.root / live.root
    assert (root / "domain.yml").read_text() == FILES["domain.yml"]  # with its comment
    assert (root / "data/stories/rules.yml").exists()
    assert studio.draft(draft.id).state is DraftState.PUBLISHED and studio.drafts() == []
    assert (studio.files.installation / "data/nlu/faq/basics.yml").read_text() == FILES["data/nlu/faq/basics.yml"]


def test_what_stands_against_publishing_is_said(studio, second, draft):
    with pytest.raises(CannotPublish, match="changes nothing yet"):
        studio.publish(draft.id, ANN, "Nothing")
    changed(studio, draft)
    with pytest.raises(CannotPublish, match="not been tried out"):
        studio.publish(draft.id, ANN, "Untried")
    trial = studio.try_out(draft.id, ANN)
    with pytest.raises(CannotPublish, match="not done yet"):
        studio.publish(draft.id, ANN, "Too early")
    studio.fail(trial.id, "There was no room.")
    with pytest.raises(CannotPublish, match="The trial failed: There was no room"):
        studio.publish(draft.id, ANN, "Failed")
    tried(studio, draft.id)
    studio.edit(draft.id, PRIVACY, PRIVATE, BEN, 0)
    with pytest.raises(CannotPublish, match="changed since the trial"):
        studio.publish(draft.id, ANN, "Other than tried")
    trial = tried(studio, draft.id)
    with pytest.raises(EmptyText, match="what changes and why"):
        studio.publish(draft.id, ANN, "  ")
    with pytest.raises(TextTooLong):
        studio.publish(draft.id, ANN, "x" * 1001)
    (studio.root / trial.model).unlink()
    with pytest.raises(CannotPublish, match="model of the trial"):
        studio.publish(draft.id, ANN, "Without a model")
    assert studio.publications() == [] and said(studio) == "Press Share."


def test_a_trial_holds_only_for_what_was_live_then(studio, draft):
    tried(studio, changed(studio, draft))
    other = studio.open_draft("Privacy", BEN)
    studio.edit(other.id, PRIVACY, PRIVATE, BEN, 0)
    tried(studio, other.id)
    studio.publish(other.id, BEN, "Privacy")
    with pytest.raises(CannotPublish, match="what is live, has changed since the trial"):
        studio.publish(draft.id, ANN, "Say it better")
    tried(studio, draft.id)
    studio.publish(draft.id, ANN, "Say it better")
    assert said(studio) == "Press the new Share." and said(studio, PRIVACY) == "Private."


def test_fallen_floors_need_a_reason_that_is_kept(studio, draft):
    tried(studio, changed(studio, draft), fallen=["unseen faq right 98.1% < 98.5%"])
    with pytest.raises(CannotPublish, match="98.1% < 98.5%.*say why"):
        studio.publish(draft.id, ANN, "Say it better")
    with pytest.raises(CannotPublish):
        studio.publish(draft.id, ANN, "Say it better", override="  ")
    live = studio.publish(draft.id, ANN, "Say it better", override="The old answer was wrong")
    kept = studio.publications()[0]
    assert kept.id == live.id and kept.override == "The old answer was wrong"
    assert kept.floors_fallen == ("unseen faq right 98.1% < 98.5%",)


def test_a_reason_that_is_not_needed_is_not_kept(studio):
    assert published(studio, override="Just in case").override == ""


def test_of_two_that_publish_at_once_one_does(database_url, folder, studio):
    drafts = []
    for item, value in ((SHARING, answer("New words.")), (PRIVACY, PRIVATE)):
        draft = studio.open_draft("At once", ANN)
        studio.edit(draft.id, item, value, ANN, 0)
        tried(studio, draft.id)
        drafts.append(draft.id)
    processes = [studio_on(database_url, folder) for _ in drafts]
    start, won, lost = threading.Barrier(2), [], []

    def publish(process, draft_id):
        start.wait()
        try:
            won.append(process.publish(draft_id, ANN, "At once").draft_id)
        except CannotPublish as error:
            lost.append((draft_id, error.message))

    threads = [threading.Thread(target=publish, args=pair) for pair in zip(processes, drafts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == len(lost) == 1 and "gain" in lost[0][1]  # what to do: again, in a minute or after a trial
    studio.reconcile()
    (live,) = studio.publications()
    assert live.draft_id == won[0] and studio.files.live()["publication"] == live.id
    for one in processes:
        one.database.engine.dispose()


# A second person
@pytest.fixture()
def careful(database_url, folder, clock):
    found = studio_on(database_url, folder, clock, second_person=True)
    yield found
    found.database.engine.dispose()


def asked_for(careful):
    """Ann asks for a draft of which Ben wrote one answer, which Ann has changed since."""
    draft = careful.open_draft("Of two", CAT)
    draft = careful.edit(draft.id, SHARING, answer("Ben's words."), BEN, 0)
    careful.edit(draft.id, SHARING, answer("Ann's words on Ben's."), ANN, draft.version(SHARING))
    tried(careful, draft.id)
    return careful.publish(draft.id, ANN, "Say it better")


def test_nothing_goes_live_before_a_second_person_agrees(careful):
    asked = asked_for(careful)
    assert asked.state is PublicationState.WAITING and said(careful) == "Press Share."
    for address in (ANN, BEN):
        with pytest.raises(NotSecondPerson, match="Somebody else"):
            careful.approve(asked.id, address)
    assert said(careful) == "Press Share."
    live = careful.approve(asked.id, CAT)
    assert (live.id, live.state, live.by, live.approved_by) == (asked.id, PublicationState.LIVE, ANN, CAT)
    assert said(careful) == "Ann's words on Ben's."
    with pytest.raises(NoPublication, match="does not wait"):
        careful.approve(asked.id, CAT)


def test_who_asked_cannot_agree_though_others_wrote_it(careful):
    draft = careful.open_draft("Ben's", BEN)
    careful.edit(draft.id, SHARING, answer("Ben's words."), BEN, 0)
    tried(careful, draft.id)
    asked = careful.publish(draft.id, ANN, "For Ben")
    with pytest.raises(NotSecondPerson):
        careful.approve(asked.id, ANN)


def test_of_two_that_approve_at_once_one_does(database_url, folder, careful):
    asked = asked_for(careful)
    people = ["d@example.com", "e@example.com"]
    processes = [studio_on(database_url, folder, second_person=True) for _ in people]
    start, won = threading.Barrier(2), []

    def approve(process, by):
        start.wait()
        with contextlib.suppress(CannotPublish, NoPublication):
            won.append(process.approve(asked.id, by).approved_by)

    threads = [threading.Thread(target=approve, args=pair) for pair in zip(processes, people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and careful.publication(asked.id).approved_by == won[0]
    assert [one.state for one in careful.publications()] == [PublicationState.LIVE]
    for one in processes:
        one.database.engine.dispose()


def test_a_rejected_draft_is_free_again_with_the_reason(careful):
    asked = asked_for(careful)
    with pytest.raises(EmptyText):
        careful.reject(asked.id, CAT, " ")
    rejected = careful.reject(asked.id, CAT, "The button has another name")
    assert (rejected.state, rejected.reason, rejected.approved_by) == (
        PublicationState.REJECTED,
        "The button has another name",
        CAT,
    )
    assert careful.draft(asked.draft_id).waiting == 0
    with pytest.raises(NoPublication):
        careful.approve(asked.id, CAT)
    with pytest.raises(NoPublication):
        careful.roll_back(asked.id, CAT)
    assert careful.publish(asked.draft_id, ANN, "Once more").state is PublicationState.WAITING


def test_what_was_asked_for_on_other_content_is_asked_for_again(careful):
    asked = asked_for(careful)
    other = careful.open_draft("Privacy", CAT)
    careful.edit(other.id, PRIVACY, PRIVATE, CAT, 0)
    tried(careful, other.id)
    careful.approve(careful.publish(other.id, CAT, "Privacy").id, ANN)
    with pytest.raises(CannotPublish, match="Try the draft out again"):
        careful.approve(asked.id, CAT)
    tried(careful, asked.draft_id)
    with pytest.raises(CannotPublish, match="ask again"):
        careful.approve(asked.id, CAT)
    assert careful.publication(asked.id).state is PublicationState.WAITING


# History and roll-backs
def test_the_history_tells_what_each_publication_changed(studio, clock):
    first = published(studio, "One.")
    clock.pass_by(60)
    second = published(studio, "Two.")
    assert [(one.id, one.state.value) for one in studio.publications()] == [(second.id, "live"), (first.id, "past")]
    assert [(one.item, one.before, one.after) for one in studio.changes(second.id)] == [
        (SHARING, answer("One."), answer("Two."))
    ]
    assert [(one.before, one.after) for one in studio.changes(first.id)] == [(answer("Press Share."), answer("One."))]
    assert [(one.before, one.after) for one in studio.changes(second.id, since=0)] == [
        (answer("Press Share."), answer("Two."))
    ]
    assert [one.after for one in studio.changes(first.id, since=second.id)] == [answer("One.")]
    with pytest.raises(NoPublication):
        studio.changes(second.id + 5)


def test_the_patch_makes_of_the_installation_what_is_live(studio, tmp_path):
    published(studio, "One.")
    live = published(studio, "Two.")
    copy = tmp_path / "copy"
    shutil.copytree(studio.files.installation, copy)
    patch = studio.patch(live.id, since=0)
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=patch, text=True, check=True, cwd=copy)
    assert Content.read(copy).value(SHARING) == answer("Two.")
    assert "+  - text: Two." in studio.patch(live.id) and "-  - text: One." in studio.patch(live.id)


def test_any_publication_comes_back_in_one_step(studio):
    first, second = published(studio, "One."), published(studio, "Two.")
    back = studio.roll_back(first.id, BEN)
    assert said(studio) == "One." and studio.files.live()["model"] == first.model
    assert (back.state, back.back_to, back.by, back.follows) == (PublicationState.LIVE, first.id, BEN, second.id)
    assert "Back to publication 1: Say it better" in back.message
    assert [one.state.value for one in studio.publications()] == ["live", "past", "past"]
    with pytest.raises(CannotPublish, match="what is live now"):
        studio.roll_back(first.id, BEN)
    studio.roll_back(second.id, BEN)
    assert said(studio) == "Two."
    assert [one.after for one in studio.changes(back.id)] == [answer("One.")]
    published(studio, "Three.")
    assert said(studio) == "Three."


def test_what_is_installed_comes_back_and_is_followed_from_then_on(studio):
    published(studio, "One.")
    back = studio.roll_back(0, BEN)
    assert studio.files.live() == {"publication": back.id, "root": "", "model": ""}
    assert back.back_to == 0 and said(studio) == "Press Share." == studio.content().value(SHARING)[0]["text"]
    file = studio.files.installation / "data/nlu/faq/basics.yml"
    file.write_text(file.read_text().replace("Press Share.", "Press the developers' Share."))
    assert said(studio) == "Press the developers' Share." and studio.installed_changes() == []
    with pytest.raises(CannotPublish):
        studio.roll_back(0, BEN)
    assert [one.before for one in studio.changes(back.id)] == [answer("One.")]
    published(studio, "Two.")
    assert said(studio) == "Two."


def test_before_anything_was_published_there_is_nothing_to_go_back_to(studio):
    with pytest.raises(CannotPublish):
        studio.roll_back(0, ANN)
    with pytest.raises(NoPublication):
        studio.roll_back(7, ANN)
    assert studio.files.live() is None


def test_the_models_of_the_last_publications_are_kept_and_older_ones_are_trained_again(studio, clock):
    models = []
    for number in range(MODELS_KEPT + 2):
        draft = studio.open_draft("Next", ANN)
        studio.edit(draft.id, SHARING, answer(f"Words {number}."), ANN, 0)
        models.append(tried(studio, draft.id, name=f"model-{number}").model)
        studio.publish(draft.id, ANN, f"Number {number}")
    assert [studio.files.has(model) for model in models] == [False, False] + [True] * MODELS_KEPT
    oldest = studio.publications()[-1]
    with pytest.raises(TrainsFirst, match="trained again first") as refused:
        studio.roll_back(oldest.id, BEN)
    assert said(studio) == f"Words {MODELS_KEPT + 1}."
    draft = studio.draft(refused.value.draft_id)
    assert studio.draft_content(draft).value(SHARING) == answer("Words 0.")
    assert studio.trial(draft.id).state is TrialState.WAITING
    with pytest.raises(TrainsFirst) as again:
        studio.roll_back(oldest.id, BEN)
    assert again.value.draft_id == draft.id
    tried(studio, draft.id)
    studio.publish(draft.id, BEN, "Back to the first")
    assert said(studio) == "Words 0."


def test_the_model_of_an_open_draft_is_kept(studio):
    draft = studio.open_draft("Open", ANN)
    studio.edit(draft.id, PRIVACY, PRIVATE, ANN, 0)
    model = tried(studio, draft.id, name="of-the-open-draft").model
    published(studio, "One.")
    assert studio.files.has(model)


# What developers change below
def develop(studio):
    """Developers change an answer and add an example and a rule, in files."""
    file = studio.files.installation / "data/nlu/faq/basics.yml"
    text = file.read_text().replace("Your badge is public.", "Everybody sees it.")
    file.write_text(text.replace("    - is my badge public\n", "    - is my badge public\n    - who sees it\n"))
    (studio.files.installation / "data/stories/rules.yml").write_text('version: "3.1"\nrules: []  # a new rule\n')


def test_what_developers_changed_is_brought_in_as_a_draft(studio):
    published(studio, "The editors' words.")
    assert studio.installed_changes() == [] and studio.installed_files() == []
    develop(studio)
    assert {change.item.id for change in studio.installed_changes()} == {
        "response:utter_faq/privacy",
        "examples:faq/privacy",
    }
    assert studio.installed_files() == ["data/nlu/faq/basics.yml", "data/stories/rules.yml"]
    assert said(studio, PRIVACY) == "Your badge is public."  # not live by itself
    draft = studio.bring_in(BEN)
    assert studio.bring_in(ANN).id == draft.id
    tried(studio, draft.id)
    live = studio.publish(draft.id, BEN, "What developers changed")
    assert said(studio, PRIVACY) == "Everybody sees it." and said(studio) == "The editors' words."
    assert "a new rule" in (studio.root / live.root / "data/stories/rules.yml").read_text()
    assert studio.installed_changes() == [] and studio.installed_files() == []
    with pytest.raises(CannotPublish, match="nothing to bring in"):
        studio.bring_in(BEN)


def test_what_both_changed_is_a_conflict_of_that_draft(studio):
    published(studio, "The editors' words.")
    file = studio.files.installation / "data/nlu/faq/basics.yml"
    file.write_text(file.read_text().replace("Press Share.", "The developers' words."))
    draft = studio.bring_in(BEN)
    (conflict,) = studio.draft_content(draft).conflicts
    assert (conflict.ours, conflict.theirs) == (answer("The developers' words."), answer("The editors' words."))
    studio.resolve(draft.id, SHARING, "theirs", BEN)
    tried(studio, draft.id)
    studio.publish(draft.id, BEN, "The editors' words stay")
    assert said(studio) == "The editors' words." and studio.installed_files() == []


def test_other_publications_do_not_hide_what_developers_changed(studio):
    published(studio, "One.")
    develop(studio)
    published(studio, "Two.")
    assert studio.installed_files() == ["data/nlu/faq/basics.yml", "data/stories/rules.yml"]


def test_rules_alone_can_be_brought_in(studio):
    published(studio, "One.")
    (studio.files.installation / "data/stories/rules.yml").write_text('version: "3.1"\nrules: []  # only a rule\n')
    draft = studio.bring_in(BEN)
    assert draft.changes == ()
    tried(studio, draft.id)
    live = studio.publish(draft.id, BEN, "A rule")
    assert "only a rule" in (studio.root / live.root / "data/stories/rules.yml").read_text() and said(studio) == "One."


def test_an_installation_that_changed_again_is_brought_in_anew(studio):
    published(studio, "One.")
    develop(studio)
    draft = studio.bring_in(BEN)
    tried(studio, draft.id)
    (studio.files.installation / "data/stories/rules.yml").write_text('version: "3.1"\nrules: []  # and another\n')
    with pytest.raises(CannotPublish, match="changed again"):
        studio.publish(draft.id, BEN, "Old by now")
    assert studio.bring_in(BEN).id != draft.id


def test_a_fact_of_an_installation_that_changes_under_a_trial_is_noticed(studio, draft):
    """Nothing was published: what is installed is live, so developers change what is live."""
    tried(studio, changed(studio, draft))
    develop(studio)
    with pytest.raises(CannotPublish, match="what is live, has changed"):
        studio.publish(draft.id, ANN, "Say it better")


def test_examples_can_be_published(studio, draft):
    studio.edit(draft.id, QUESTIONS, ["how do I share it", "where can I share my badge", "post it"], ANN, 0)
    tried(studio, draft.id)
    live = studio.publish(draft.id, ANN, "One more")
    assert "    - post it\n" in (studio.root / live.root / "data/nlu/faq/basics.yml").read_text()
