"""Drafts: nobody saves over a colleague, and what was published meanwhile is seen."""

import socket
import subprocess
import threading

import pytest

from bot.errors import EmptyText, TextTooLong
from bot.studio.drafts import DraftBusy, DraftState, EditedMeanwhile, NoDraft, TrialState
from bot.studio.editing import NotEditor
from bot.studio.items import InvalidItem, Item, ItemKind
from bot.studio.publications import CannotPublish
from tests.studio.conftest import (
    ANN,
    BEN,
    PRIVACY,
    QUESTIONS,
    SHARING,
    answer,
    published,
    said,
    studio_on,
    tried,
)


def test_a_draft_shows_its_changes_and_what_is_live_stays(studio, draft):
    studio.edit(draft.id, SHARING, answer("Press the new Share."), ANN, 0)
    (shown,) = studio.drafts()
    assert [(one.item, one.by, one.change.before) for one in shown.changes] == [(SHARING, ANN, answer("Press Share."))]
    content = studio.draft_content(shown)
    assert content.value(SHARING) == answer("Press the new Share.")
    assert content.value(PRIVACY)[0]["text"] == "Your badge is public."
    assert studio.content().value(SHARING) == answer("Press Share.") and said(studio) == "Press Share."


def test_two_editors_on_the_same_item_see_each_other(studio, second, draft, clock):
    first = studio.edit(draft.id, SHARING, answer("Ann's words."), ANN, 0)
    clock.pass_by(60)
    with pytest.raises(EditedMeanwhile, match="ann@example.com changed this at 09:00 UTC") as refused:
        second.edit(draft.id, SHARING, answer("Ben's words."), BEN, 0)
    assert refused.value.by == ANN and refused.value.value == answer("Ann's words.")
    assert refused.value.version == first.version(SHARING)
    now = second.edit(draft.id, SHARING, answer("Both."), BEN, refused.value.version)
    assert studio.draft_content(now).value(SHARING) == answer("Both.")
    assert now.changes[0].by == BEN and set(now.changes[0].authors) == {ANN, BEN}
    with pytest.raises(EditedMeanwhile, match="ben@example.com"):
        studio.edit(draft.id, SHARING, answer("Ann again."), ANN, first.version(SHARING))


def test_two_editors_on_different_items_never_collide(studio, second, draft):
    studio.edit(draft.id, SHARING, answer("Ann's words."), ANN, 0)
    second.edit(draft.id, PRIVACY, answer("Ben's words."), BEN, 0)
    now = studio.edit(draft.id, SHARING, answer("Ann's more words."), ANN, studio.draft(draft.id).version(SHARING))
    assert {one.item: one.by for one in now.changes} == {SHARING: ANN, PRIVACY: BEN}


def test_a_change_that_was_taken_back_and_made_again_is_not_saved_over(studio, second, draft):
    seen = studio.edit(draft.id, SHARING, answer("One."), ANN, 0).version(SHARING)
    second.undo(draft.id, SHARING, BEN)
    with pytest.raises(EditedMeanwhile, match="ben@example.com") as refused:
        studio.edit(draft.id, SHARING, answer("One and more."), ANN, seen)
    assert refused.value.value == answer("Press Share.")  # what is live
    second.edit(draft.id, SHARING, answer("Two."), BEN, 0)
    with pytest.raises(EditedMeanwhile):
        studio.edit(draft.id, SHARING, answer("One and more."), ANN, seen)
    assert studio.draft_content(studio.draft(draft.id)).value(SHARING) == answer("Two.")


def test_of_many_who_save_at_once_one_wins(database_url, folder, draft):
    """Each on connections of its own, as processes are."""
    editors = [studio_on(database_url, folder) for _ in range(6)]
    start, won, lost = threading.Barrier(6), [], []

    def save(number):
        start.wait()
        try:
            editors[number].edit(draft.id, SHARING, answer(f"Words of {number}."), f"e{number}@example.com", 0)
            won.append(number)
        except EditedMeanwhile as error:
            lost.append(error.by)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and lost == [f"e{won[0]}@example.com"] * 5
    kept = editors[0].draft(draft.id)
    assert kept.changes[0].change.after == answer(f"Words of {won[0]}.")
    for one in editors:
        one.database.engine.dispose()


def test_what_equals_the_live_words_is_no_change(studio, draft):
    version = studio.edit(draft.id, SHARING, answer("Other words."), ANN, 0).version(SHARING)
    assert studio.edit(draft.id, SHARING, answer("Press Share."), ANN, version).changes == ()


def test_what_was_published_since_the_draft_began_is_a_conflict_until_somebody_chooses(studio, draft):
    studio.edit(draft.id, SHARING, answer("The draft's words."), ANN, 0)
    studio.edit(draft.id, PRIVACY, answer("Private now.", "Who sees my badge?", "Privacy"), ANN, 0)
    published(studio, "The published words.", by=BEN)
    content = studio.draft_content(studio.draft(draft.id))
    (conflict,) = content.conflicts
    assert (conflict.item, conflict.ours, conflict.theirs) == (
        SHARING,
        answer("The draft's words."),
        answer("The published words."),
    )
    assert [change.item for change in content.changes] == [PRIVACY]
    with pytest.raises(CannotPublish, match="One item was published otherwise"):
        studio.try_out(draft.id, ANN)
    with pytest.raises(CannotPublish, match="Choose which version stays"):
        studio.publish(draft.id, ANN, "Mine")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("ours", "The draft's words."),
        ("theirs", "The published words."),
        (answer("Words of both."), "Words of both."),
    ],
)
def test_a_conflict_ends_as_chosen(studio, draft, choice, expected):
    studio.edit(draft.id, SHARING, answer("The draft's words."), ANN, 0)
    published(studio, "The published words.", by=BEN)
    content = studio.draft_content(studio.resolve(draft.id, SHARING, choice, BEN))
    assert content.conflicts == () and content.value(SHARING) == answer(expected)


def test_an_edit_in_a_conflict_does_not_end_it(studio, draft):
    seen = studio.edit(draft.id, SHARING, answer("The draft's words."), ANN, 0).version(SHARING)
    published(studio, "The published words.", by=BEN)
    draft = studio.edit(draft.id, SHARING, answer("The draft's other words."), ANN, seen)
    (conflict,) = studio.draft_content(draft).conflicts
    assert conflict.ours == answer("The draft's other words.")


def test_what_was_published_while_the_page_was_open_is_not_overwritten(studio, draft):
    on = studio.live_id()  # the page is opened
    published(studio, "The published words.", by=BEN)
    draft = studio.edit(draft.id, SHARING, answer("Typed over the old words."), ANN, 0, on=on)
    (conflict,) = studio.draft_content(draft).conflicts
    assert conflict.theirs == answer("The published words.")


def test_examples_of_both_sides_hold(studio, draft):
    ours = ["how do I share it", "where can I share my badge", "can I post it"]
    studio.edit(draft.id, QUESTIONS, ours, ANN, 0)
    other = studio.open_draft("Others", BEN)
    studio.edit(other.id, QUESTIONS, ["how do I share it", "put it on my page"], BEN, 0)
    tried(studio, other.id)
    studio.publish(other.id, BEN, "Another question")
    content = studio.draft_content(studio.draft(draft.id))
    assert content.conflicts == ()
    assert sorted(content.value(QUESTIONS)) == ["can I post it", "how do I share it", "put it on my page"]


def test_a_draft_that_is_put_away_takes_no_change(studio, draft):
    studio.edit(draft.id, SHARING, answer("Other words."), ANN, 0)
    studio.discard(draft.id, BEN)
    assert studio.drafts() == [] and studio.draft(draft.id).state is DraftState.DISCARDED
    for act in (
        lambda: studio.edit(draft.id, SHARING, answer("More."), ANN, 1),
        lambda: studio.try_out(draft.id, ANN),
        lambda: studio.publish(draft.id, ANN, "Words"),
        lambda: studio.draft(draft.id + 9),
    ):
        with pytest.raises(NoDraft):
            act()


def test_a_draft_has_a_title_of_some_words(studio, draft):
    assert studio.rename(draft.id, "  Two \n words ", ANN).title == "Two words"
    with pytest.raises(EmptyText, match="title"):
        studio.open_draft(" ", ANN)
    with pytest.raises(TextTooLong):
        studio.rename(draft.id, "x" * 121, ANN)


def test_who_is_no_editor_changes_nothing(database_url, folder, draft):
    strict = studio_on(database_url, folder, may_edit=lambda address: address == BEN)
    for act in (
        lambda: strict.open_draft("Mine", ANN),
        lambda: strict.edit(draft.id, SHARING, answer("Mine."), ANN, 0),
        lambda: strict.undo(draft.id, SHARING, ANN),
        lambda: strict.rename(draft.id, "Mine", ANN),
        lambda: strict.discard(draft.id, ANN),
        lambda: strict.resolve(draft.id, SHARING, "ours", ANN),
        lambda: strict.try_out(draft.id, ANN),
        lambda: strict.publish(draft.id, ANN, "Mine"),
        lambda: strict.approve(1, ANN),
        lambda: strict.reject(1, ANN, "No"),
        lambda: strict.roll_back(0, ANN),
        lambda: strict.bring_in(ANN),
    ):
        with pytest.raises(NotEditor, match="CONTENT_EDITORS"):
            act()
    assert strict.edit(draft.id, SHARING, answer("Ben's."), BEN, 0).changes
    strict.database.engine.dispose()


def test_a_value_of_another_form_is_refused(studio, draft):
    with pytest.raises(InvalidItem):
        studio.edit(draft.id, SHARING, ["only", "words"], ANN, 0)
    assert studio.draft(draft.id).changes == ()


def test_the_newest_change_comes_first(studio, draft, clock):
    clock.pass_by(10)
    other = studio.open_draft("Later", BEN)
    assert [one.id for one in studio.drafts()] == [other.id, draft.id]
    clock.pass_by(10)
    studio.edit(draft.id, SHARING, answer("Other words."), ANN, 0)
    assert [one.id for one in studio.drafts()] == [draft.id, other.id]


def test_a_draft_that_waits_for_approval_stays_as_it_was_asked_for(database_url, folder, clock):
    careful = studio_on(database_url, folder, clock, second_person=True)
    asked = published(careful)
    draft = careful.draft(asked.draft_id)
    assert draft.waiting == asked.id
    for act in (
        lambda: careful.edit(draft.id, PRIVACY, answer("Slipped in."), ANN, 0),
        lambda: careful.undo(draft.id, SHARING, ANN),
        lambda: careful.resolve(draft.id, SHARING, "theirs", ANN),
        lambda: careful.discard(draft.id, ANN),
    ):
        with pytest.raises(DraftBusy, match="Withdraw"):
            act()
    careful.reject(asked.id, ANN, "I have forgotten something")
    assert len(careful.edit(draft.id, PRIVACY, answer("Now in."), ANN, 0).changes) == 2
    careful.database.engine.dispose()


# Trials
def changed(studio, draft):
    studio.edit(draft.id, SHARING, answer("Press the new Share."), ANN, studio.draft(draft.id).version(SHARING))
    return draft.id


def test_a_trial_waits_runs_and_is_done(studio, second, draft, clock):
    trial = studio.try_out(changed(studio, draft), ANN)
    assert trial.state is TrialState.WAITING and studio.try_out(draft.id, BEN).id == trial.id
    taken = second.claim_trial("worker 1")
    assert (taken.id, taken.digest) == (trial.id, studio.draft_content(studio.draft(draft.id)).digest)
    assert studio.claim_trial("worker 2") is None
    assert second.progress(trial.id, 0.5, "Asking the test questions")
    seen = studio.trial(draft.id)
    assert (seen.state, seen.share, seen.words) == (TrialState.RUNNING, 0.5, "Asking the test questions")
    assert second.finish(trial.id, {"seconds": 12.1, "floors_fallen": []}, "models/a.tar.gz")
    seen = studio.trial(draft.id)
    assert (seen.state, seen.share, seen.result["seconds"]) == (TrialState.DONE, 1.0, 12.1)
    assert not second.progress(trial.id, 0.6, "Late") and not second.fail(trial.id, "Late")


def test_only_one_of_many_workers_gets_a_trial(database_url, folder, studio, draft):
    studio.try_out(changed(studio, draft), ANN)
    workers = [studio_on(database_url, folder) for _ in range(5)]
    start, got = threading.Barrier(5), []

    def claim(worker):
        start.wait()
        got.append(worker.claim_trial("worker"))

    threads = [threading.Thread(target=claim, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in got) == 1
    for one in workers:
        one.database.engine.dispose()


def test_a_trial_whose_process_has_died_fails_with_words(studio, draft, clock):
    trial = studio.try_out(changed(studio, draft), ANN)
    studio.claim_trial("worker")
    clock.pass_by(50)
    assert studio.progress(trial.id, 0.2, "Training")
    clock.pass_by(50)
    assert studio.trial(draft.id).state is TrialState.RUNNING
    clock.pass_by(11)
    seen = studio.trial(draft.id)
    assert seen.state is TrialState.FAILED and "Try the draft out again" in seen.words
    assert not studio.finish(trial.id, {}, "models/late.tar.gz")
    again = studio.try_out(draft.id, ANN)
    assert again.id != trial.id and again.state is TrialState.WAITING


def test_a_trial_whose_process_of_this_machine_is_gone_has_failed_at_once(studio, draft):
    studio.try_out(changed(studio, draft), ANN)
    with subprocess.Popen(["true"]) as process:
        process.wait()
    studio.claim_trial(f"{socket.gethostname()[:40]} {process.pid} 0a1b2c3d 1")
    assert studio.trial(draft.id).state is TrialState.FAILED


def test_the_trial_of_a_draft_that_is_put_away_ends_so_that_others_come_next(studio, draft):
    trial = studio.try_out(changed(studio, draft), ANN)
    studio.claim_trial("worker")
    studio.discard(draft.id, ANN)
    assert not studio.progress(trial.id, 0.5, "Training") and studio.trial(draft.id).state is TrialState.FAILED
    assert studio.claim_trial("worker") is None


def test_a_changed_draft_needs_another_trial_which_ends_the_one_before(studio, draft):
    old = studio.try_out(changed(studio, draft), ANN)
    studio.claim_trial("worker")
    studio.edit(draft.id, PRIVACY, answer("Private."), BEN, 0)
    new = studio.try_out(draft.id, BEN)
    assert new.id != old.id and not studio.progress(old.id, 0.9, "Nearly")


def test_a_trial_is_claimed_by_its_number(studio, draft):
    trial = studio.try_out(changed(studio, draft), ANN)
    assert studio.claim_trial("terminal", trial.id + 1) is None
    assert studio.claim_trial("terminal", trial.id).id == trial.id


def test_a_trial_whose_model_is_gone_is_made_again(studio, draft):
    trial = tried(studio, changed(studio, draft))
    assert studio.try_out(draft.id, ANN).id == trial.id
    (studio.root / trial.model).unlink()
    assert studio.try_out(draft.id, ANN).id != trial.id


def test_an_empty_draft_is_not_tried_out(studio, draft):
    with pytest.raises(CannotPublish, match="changes nothing yet"):
        studio.try_out(draft.id, ANN)


def test_a_new_item_comes_and_goes_with_its_draft(studio, draft):
    new = Item(ItemKind.RESPONSE, "utter_faq/printing")
    file = "data/nlu/faq/basics.yml"
    made = studio.edit(draft.id, new, answer("Print it.", "Can I print it?", "Printing"), ANN, 0, file)
    assert "utter_faq/printing" in studio.draft_content(made).files()[file]
    again = studio.edit(draft.id, new, answer("Do print it.", "Can I print it?", "Printing"), ANN, made.version(new))
    assert again.changes[0].change.path == file
    gone = studio.edit(draft.id, new, None, ANN, again.version(new))
    assert gone.changes == ()
