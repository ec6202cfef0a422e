"""Tries a draft out: trains it, compares it with what is live, keeping after each step what can be read already.

It is done in a process of its own. The questions that are nearest to what was changed are asked first, so that what
matters is seen within seconds; all others, what people wrote lately and the conversations of the tests follow.
"""

import errno
import logging
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import BotError
from bot.evaluation import difference
from bot.evaluation.accuracy import judge
from bot.evaluation.examples import training
from bot.evaluation.floors import FLOORS_FILE, floors_fallen, read_floors
from bot.nlu.decision import Decision
from bot.nlu.standalone import NoModel
from bot.studio import store, suite
from bot.studio.answers import AskedMaterial, KeptAnswers, ModelAnswers, reading_key
from bot.studio.concerned import (
    added_examples,
    answers_of,
    groups,
    nearest,
    overlaps_of,
    reads_otherwise,
    responses_with_new_words,
)
from bot.studio.drafts import Trial, TrialState
from bot.studio.files import what_helps
from bot.studio.holder import at_work
from bot.studio.near_examples import near_examples
from bot.studio.playing import CannotPlay, Cast, play_apart
from bot.studio.preparing import KEPT_FOLDER, TESTS, live_model
from bot.studio.reading import AskedText, Reader, labels_read
from bot.studio.recent import recent_messages
from bot.studio.service import Studio
from bot.studio.suite import SuiteConversation
from bot.studio.training import NeedsFullTraining, OtherRules, train_from_live

TRIALS_FOLDER, MODELS_FOLDER = "trials", "models"  # in CONTENT_PATH
LONGEST_TRIAL = 6 * 3600.0  # seconds
SIGN_OF_LIFE_SECONDS, EDITED_SECONDS = 5.0, 2.0
READ_BETWEEN_LOOKS = 256  # messages read before the next look at both models' answers
MOST_IN_RESULT = 300  # entries of one kind in a result
# Shares of the whole at the end of each step.
TRAINED, ASKED_NEAREST, ASKED_ALL, READ_RECENT, FOUND_CONVERSATIONS = 0.4, 0.5, 0.65, 0.8, 0.85
EDITED = "You changed the draft meanwhile. Try it out again when you are ready."
PUBLISHED = "Something else was published meanwhile. Try the draft out again."
NO_MODEL = "There is no trained model yet. Somebody with access to the server has to run `make train` first."
NO_TRAINING = "{why} Somebody with access to the server has to train the whole model (`make train`)."
INSTALLED_IS_NEWER = (
    "The program was brought up to date, and goes on from newer rules than what is live. "
    "Bring the newer content in first, on the page “History”, and publish it; then try this draft again."
)
NOT_WRITTEN = "The draft could not be tried out, because a file could not be read or written ({why}). {helps}"
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
FAILED = (
    "Something went wrong while this draft was tried out. Try it again; if it fails again, tell those who run this."
)
NO_QUESTIONS = "No test questions are installed here, so the draft was compared on what people wrote lately alone."
NO_RECENT = "Nobody wrote anything lately that it could be compared on."
NOT_PLAYED = "The conversations of the tests could not be played."
log = logging.getLogger(__name__)
Play = Callable[[Cast, Sequence[SuiteConversation], Callable[[int], None]], list[Any]]
AskedPlace = tuple[str, int]


class TrialEnded(Exception):
    """Nobody waits for this trial any more; the text says why, "" where it is known already."""


class Signs:
    """Says how far a trial is, and that its process lives; notices that nobody waits for it any more."""

    def __init__(self, studio: Studio, trial: Trial) -> None:
        """Begin with nothing done."""
        self._studio, self._trial = studio, trial
        self._revision = studio.draft(trial.draft_id).revision
        self._share, self._words, self._why, self._over = 0.0, "Getting ready", "", threading.Event()
        self._ended = threading.Event()
        self._looked = 0.0
        self._thread = threading.Thread(target=self._go_on, name="signs of life", daemon=True)

    def __enter__(self) -> "Signs":
        """Say from now on that the process lives."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Say it no more."""
        self._ended.set()
        self._thread.join(SIGN_OF_LIFE_SECONDS)

    def __call__(self, share: float, words: str) -> None:
        """So much is done, and this is being done; raises TrialEnded."""
        changed = words != self._words
        self._share, self._words = share, words
        if changed or time.monotonic() - self._looked > 1.0:
            self._look()
        self.check()

    def check(self) -> None:
        """Raise TrialEnded where nobody waits any more."""
        if self._over.is_set():
            raise TrialEnded(self._why)

    def within(self, start: float, end: float, count: int, words: str) -> Callable[[int], None]:
        """Tells of a step that leads from one share to another, by how many of `count` things are done."""

        def look(done: int) -> None:
            self(start + (end - start) * min(1.0, done / max(1, count)), words)

        return look

    def _go_on(self) -> None:
        while not self._ended.wait(EDITED_SECONDS):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001  the database may be away for a moment
                log.warning("a sign of life failed: %s", type(error).__name__)

    def _look(self) -> None:
        self._looked = time.monotonic()
        if not self._studio.progress(self._trial.id, self._share, self._words):
            self._over.set()
            return
        draft = self._studio.draft(self._trial.draft_id)
        if draft.revision != self._revision:
            self._revision = draft.revision
            if self._studio.draft_content(draft).digest != self._trial.digest:
                self._why = EDITED
                self._over.set()


@dataclass(frozen=True)
class Workshop:
    """What a trial works with; tests put other things in its place.

    Attributes:
        studio: where the trial is kept.
        tests: the folder with labelled questions, floors and conversations.
        train: as `training.train_from_live`.
        reader: of an archive, with the folder in which vectors are kept.
        play: as `playing.play_apart`.
        near: the examples that may mean nearly the same as texts, for an encoder.
    """

    studio: Studio
    tests: Path = TESTS
    train: Callable[..., Any] = train_from_live
    reader: Callable[[Path, Path], Reader] = Reader.open
    play: Play = play_apart
    near: Callable[[Sequence[str], Any], Collection[str]] = near_examples


def run(trial_id: int, studio: Studio, workshop: Workshop | None = None) -> bool:
    """Do a trial that waits; whatever goes wrong ends it with words for the editor.

    Args:
        trial_id: 0 for the oldest that waits.
        workshop: other parts than the usual ones.

    Returns:
        Whether it was done; False, too, where another process has it.
    """
    with at_work() as worker:
        trial = studio.claim_trial(worker, trial_id)
        return trial is not None and _done(trial, workshop or Workshop(studio=studio))


def _done(trial: Trial, parts: Workshop) -> bool:
    studio, began = parts.studio, time.monotonic()
    try:
        with Signs(studio, trial) as signs, _folder(studio.root / TRIALS_FOLDER / str(trial.id)) as folder:
            attempt = Attempt(parts=parts, trial=trial, signs=signs, folder=folder, began=began)
            attempt.go()
            return studio.finish(trial.id, attempt.result, attempt.model)
    except TrialEnded as ended:
        words = str(ended)
    except NoModel:
        words = NO_MODEL
    except NeedsFullTraining as error:
        newer = (
            isinstance(error, OtherRules) and studio.installed_files() and not studio.draft(trial.draft_id).brings_in
        )
        words = INSTALLED_IS_NEWER if newer else NO_TRAINING.format(why=error)
    except BotError as error:  # raised on purpose, in words for whoever wants something
        words = str(error)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in OF_THE_DISK:
            log.error("a trial failed: %s", error.strerror)
            words = NOT_WRITTEN.format(why=error.strerror, helps=what_helps(error))
        else:
            log.error("a trial failed: %s", type(error).__name__, exc_info=error)
            words = FAILED
    if words:
        studio.fail(trial.id, words)
    return False


@contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    """An empty folder for the draft's content, which goes with the trial."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for former in [folder, *(one for one in folder.parent.glob("[0-9]*") if is_left(one))]:
        shutil.rmtree(former, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_left(folder: Path) -> bool:
    """Whether a trial's folder is of a process that must have died."""
    try:
        return time.time() - folder.stat().st_mtime > LONGEST_TRIAL
    except FileNotFoundError:
        return False


@dataclass
class Attempt:
    """One trial on its way; `result` grows with each step."""

    parts: Workshop
    trial: Trial
    signs: Signs
    folder: Path
    began: float
    result: dict[str, Any] = field(default_factory=dict)
    model: str = ""
    _marks: list[tuple[str, float]] = field(default_factory=list)

    def go(self) -> None:
        """All steps."""
        studio = self.parts.studio
        self.signs(0.0, "Reading the draft")
        self.draft_content = studio.draft_content(studio.draft(self.trial.draft_id))
        if self.draft_content.digest != self.trial.digest:
            raise TrialEnded(EDITED)
        self.changes = self.draft_content.changes
        self.live_model = live_model(studio.files)
        self._train()
        self.material = AskedMaterial.read(self.parts.tests)
        self.kept = KeptAnswers(studio.root / KEPT_FOLDER, self.material)
        self.new_words = responses_with_new_words(self.changes)
        self.counts: dict[str, int] = {}
        self.notes: list[str] = []
        self.result.update(counts=self.counts, notes=self.notes, recent=[], conversations=[], overlaps=[])
        self.result.update(questions={}, groups={}, floors_fallen=[], new_words=[])
        if self.material.count:
            self._ask()
        else:
            self.notes.append(NO_QUESTIONS)
        self._read_recent()
        self._find_overlaps()
        if self.material.conversations:
            self._converse()
        self.kept.keep(self._archive, self.now)
        self.kept.keep(self.live_model, self.was)
        self._keep("done")
        self.result["complete"] = True

    # Training
    @property
    def _archive(self) -> Path:
        return self.parts.studio.root / self.model

    def _train(self) -> None:
        self.draft_content.write(self.folder)
        model = f"{MODELS_FOLDER}/{self.trial.digest}.tar.gz"
        target = self.parts.studio.root / model
        target.parent.mkdir(parents=True, exist_ok=True)
        self.signs(0.01, "Training what you changed")

        def look(share: float, words: str) -> None:
            self.signs(0.01 + (TRAINED - 0.01) * share, "Training what you changed")

        self.parts.train(self.folder, self.live_model, target, look)
        self.model = model
        self._keep("training", model=model)

    # Understanding, each model loaded once and only where it is needed
    @cached_property
    def _only_words(self) -> bool:
        """Whether the draft understands as what is live does: then one is asked for both, in half the time."""
        return not reads_otherwise(self.changes) and not self.draft_content.draft.brings_in

    @cached_property
    def _draft_reader(self) -> Reader:
        if self._only_words:
            return self._live_reader
        return self.parts.reader(self._archive, self.parts.studio.root / KEPT_FOLDER)

    @cached_property
    def _live_reader(self) -> Reader:
        found = self.parts.reader(self.live_model, self.parts.studio.root / KEPT_FOLDER)
        if not self._only_words and found.vectors.name == self._draft_reader.vectors.name:
            found.vectors = self._draft_reader.vectors  # what one has encoded the other needs not
        return found

    @cached_property
    def was(self) -> ModelAnswers:
        """What is live made of the tests."""
        found = self.kept.find(self.live_model)
        return found if found and found.complete else ModelAnswers.none_of(self.material)

    @cached_property
    def now(self) -> ModelAnswers:
        """What the draft makes of the tests."""
        return ModelAnswers.none_of(self.material)

    # Test questions
    def _ask(self) -> None:
        self.signs(TRAINED, f"Asking {self.material.count:,} test questions")
        if self._only_words:
            missing = self._unanswered(self.was.places())
            self._ask_live(missing, TRAINED, ASKED_ALL, f"Asking {self.material.count:,} test questions")
            self.now.judged.update(self.was.judged)  # what is understood does not depend on the words of answers
            self._keep_questions("questions")
            self._keep_asked(missing)
            return
        first = nearest(self.was, self.material, self._draft_reader, self.changes)
        self._ask_both(
            first, TRAINED, ASKED_NEAREST, f"Asking the {len(first):,} test questions nearest to your changes"
        )
        self._keep_questions("nearest questions")
        done = set(first)
        others = [place for place in self.now.places() if place not in done]
        self._ask_both(others, ASKED_NEAREST, ASKED_ALL, f"Asking {self.material.count:,} test questions")
        self._keep_questions("questions")
        self._keep_asked(self.now.places())

    def _keep_asked(self, places: Sequence[AskedPlace]) -> None:
        """Whatever becomes of this trial, the next one need not ask again."""
        if places:
            self._draft_reader.vectors.save()
            self.kept.keep(self.live_model, self.was)

    def _unanswered(self, places: Sequence[AskedPlace]) -> list[AskedPlace]:
        """Those that what is live was not asked yet."""
        return [place for place in places if self.was.judged[place[0]][place[1]] is None]

    def _ask_live(self, places: Sequence[AskedPlace], start: float, end: float, words: str) -> None:
        look = self.signs.within(start, end, len(places), words)
        for chunk in chunks(places):
            self._judge(self.was, chunk, self._live_reader.read([_asked(self._row(place)) for place in chunk]))
            look(places.index(chunk[-1]) + 1)

    def _ask_both(self, places: Sequence[AskedPlace], start: float, end: float, words: str) -> None:
        if not places:
            return
        missing = self._unanswered(places)
        middle = start + (end - start) * (0.6 if missing else 0.0)
        self._ask_live(missing, start, middle, words)
        look = self.signs.within(middle, end, len(places), words)
        done = 0
        for chunk in chunks(places):
            rows = [self._row(place) for place in chunk]
            decisions = self._draft_reader.read([_asked(row) for row in rows])
            self._judge(self.now, chunk, decisions)
            self._confirm(chunk)
            done += len(chunk)
            look(done)

    def _confirm(self, places: Sequence[AskedPlace]) -> None:
        """Ask once more, one by one, what is read differently: rounding in batches turns some that are close."""
        for place in places:
            was, now = self.was.judged[place[0]][place[1]], self.now.judged[place[0]][place[1]]
            if was is not None and now is not None and (was.got, was.outcome) != (now.got, now.outcome):
                row = self._row(place)
                for reader, answers in ((self._live_reader, self.was), (self._draft_reader, self.now)):
                    self._judge(answers, [place], [reader.read_alone(_asked(row))])

    def _judge(self, answers: ModelAnswers, places: Sequence[AskedPlace], decisions: Sequence[Decision]) -> None:
        for (name, place), decided in zip(places, decisions):
            answers.judged[name][place] = judge(self.material.rows[name][place], decided)

    def _row(self, place: AskedPlace) -> dict[str, Any]:
        return self.material.rows[place[0]][place[1]]

    def _keep_questions(self, step: str) -> None:
        asked = [place for place in self.now.places() if self.now.judged[place[0]][place[1]] is not None]
        was, now = self.was.reports(asked), self.now.reports(asked)
        found: dict[str, list[dict[str, Any]]] = {"became_right": [], "became_wrong": [], "answer_changed": []}
        for name in now:
            for kind, entries in difference.compare(was[name], now[name]).items():
                found[kind] += [{**entry, "set": name} for entry in entries]
        self.counts.update({kind: len(entries) for kind, entries in found.items()})
        self.counts.update(asked=len(asked), questions=self.material.count)
        self.result["questions"] = {kind: entries[:MOST_IN_RESULT] for kind, entries in found.items()}
        if self.now.complete:
            self.result["groups"] = groups(was, now)
            if (self.parts.tests / FLOORS_FILE).exists():
                self.result["floors_fallen"] = floors_fallen(now, read_floors(self.parts.tests / FLOORS_FILE), was)
        self._count_new_words()
        self._keep(step)

    # Messages
    def _read_recent(self) -> None:
        studio = self.parts.studio
        messages = recent_messages(studio.database, studio.clock())
        self.counts.update(recent=len(messages), recent_asked=sum(one.asked for one in messages), recent_changed=0)
        if not messages:
            self.notes.append(NO_RECENT)
            return
        words = "Asking what people wrote lately"
        self.signs(ASKED_ALL, words)
        look, done = self.signs.within(ASKED_ALL, READ_RECENT, len(messages), words), 0
        self.recent_labels: list[tuple[tuple[str, ...], int]] = []
        changed: list[dict[str, Any]] = []
        for chunk in chunks(messages):
            texts = [AskedText(one.text, one.context) for one in chunk]
            now = [labels_read(decided) for decided in self._draft_reader.read(texts, keep=False)]
            if not self._only_words:
                was = [labels_read(decided) for decided in self._live_reader.read(texts, keep=False)]
                for place, text in enumerate(texts):
                    if was[place] != now[place]:
                        was[place] = labels_read(self._live_reader.read_alone(text))
                        now[place] = labels_read(self._draft_reader.read_alone(text))
                changed += [
                    {"text": one.shown, "was": list(before), "now": list(after), "asked": one.asked}
                    for one, before, after in zip(chunk, was, now)
                    if before != after
                ]
            self._draft_reader.vectors.forget()
            self.recent_labels += zip(now, [one.asked for one in chunk])
            done += len(chunk)
            look(done)
        self.counts["recent_changed"] = len(changed)
        self.result["recent"] = sorted(changed, key=lambda one: -one["asked"])[:MOST_IN_RESULT]
        self._count_new_words()
        self._keep("recent messages")

    def _count_new_words(self) -> None:
        """How many questions, and messages of people, are answered in new words."""
        judged = [one for found in self.now.judged.values() for one in found if one]
        recent = getattr(self, "recent_labels", [])
        told = []
        for name in sorted(self.new_words):
            asked = sum(name in answers_of(one.got) for one in judged)
            wrote = sum(count for labels, count in recent if name in answers_of(labels))
            told.append({"response": name, "questions": asked, "recent": wrote})
        self.result["new_words"] = told
        self.counts["new_words"] = sum(one["questions"] for one in told)

    # Examples
    def _find_overlaps(self) -> None:
        added = added_examples(self.changes)
        if added:
            self.signs(READ_RECENT, "Looking for examples that mean nearly the same")
            self.result["overlaps"] = self._overlaps(added)[:MOST_IN_RESULT]
            self._keep("overlaps")

    def _overlaps(self, added: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
        known = training(self.folder / "data/nlu")
        vectors = self._draft_reader.vectors
        near = self.parts.near([text for text, _ in added], vectors.encoder)
        pool = [one for one in known if one in added or one[0] in near]
        return overlaps_of(added, pool, np.stack([vectors.embedding(text) for text, _ in pool])) if pool else []

    # Conversations
    def _converse(self) -> None:
        conversations = self.material.conversations
        words = "Reading the conversations of the tests"
        self.signs(READ_RECENT, words)
        texts = suite.texts_of(conversations, self._read_by_live)
        flat = [text for found in texts for text in found]
        unknown = list({reading_key(one): one for one in flat if reading_key(one) not in self.was.labels}.values())
        self._note_labels(self.was, lambda: self._live_reader, unknown, words)
        if not self._only_words:
            unique = list({reading_key(one): one for one in flat}.values())
            self._note_labels(self.now, lambda: self._draft_reader, unique, words)
            for one in unique:
                key = reading_key(one)
                if self.was.labels[key] != self.now.labels[key]:
                    self.was.labels[key] = labels_read(self._live_reader.read_alone(one))
                    self.now.labels[key] = labels_read(self._draft_reader.read_alone(one))
        else:
            self.now.labels.update(self.was.labels)
        self._draft_reader.vectors.save()
        changed = [{key for one in found if self._differs(key := reading_key(one))} for found in texts]
        answered = [
            {name for one in found for name in answers_of(self.now.labels[reading_key(one)])} for found in texts
        ]
        found = suite.touched(conversations, changed, answered, self.new_words)
        self.counts.update(conversations=len(conversations), conversations_touched=len(found))
        self._play(found[: suite.MOST_PLAYED])

    def _differs(self, key: str) -> bool:
        return self.was.labels[key] != self.now.labels[key]

    def _read_by_live(self, text: str) -> tuple[str, ...]:
        asked = AskedText(text)
        key = reading_key(asked)
        if key not in self.was.labels:
            self.was.labels[key] = labels_read(self._live_reader.read([asked])[0])
        return self.was.labels[key]

    def _note_labels(
        self, answers: ModelAnswers, reader: Callable[[], Reader], texts: Sequence[AskedText], words: str
    ) -> None:
        for chunk in chunks(texts):
            self.signs(READ_RECENT, words)
            for text, decided in zip(chunk, reader().read(chunk)):
                answers.labels[reading_key(text)] = labels_read(decided)

    def _play(self, conversations: Sequence[SuiteConversation]) -> None:
        self.counts.update(conversations_played=len(conversations), conversations_became_wrong=0)
        self._keep("finding conversations")
        if not conversations:
            return
        live_root = self.draft_content.live.root
        self._release()
        unknown = [one for one in conversations if one.key not in self.was.played]
        words = f"Playing {len(conversations)} conversation{'s' if len(conversations) > 1 else ''}"
        middle = FOUND_CONVERSATIONS + (0.07 if unknown else 0.0)
        self.signs(FOUND_CONVERSATIONS, words)
        try:
            before = (
                self.parts.play(
                    Cast(self.live_model, live_root),
                    unknown,
                    self.signs.within(FOUND_CONVERSATIONS, middle, len(unknown), words),
                )
                if unknown
                else []
            )
            self.was.played.update({one.key: played for one, played in zip(unknown, before)})
            look = self.signs.within(middle, 0.99, len(conversations), words)
            after = self.parts.play(Cast(self._archive, self.folder), conversations, look)
        except CannotPlay:
            self.notes.append(NOT_PLAYED)
            return
        self.now.played.update({one.key: played for one, played in zip(conversations, after)})
        told = [suite.told(one, self.was.played[one.key], self.now.played[one.key]) for one in conversations]
        parted = [one for one in told if one["first_difference"]]
        parted.sort(key=lambda one: (one["only_words"], one["is_right"], not one["was_right"]))
        self.result["conversations"] = parted
        self.counts["conversations_became_wrong"] = sum(
            one["was_right"] and not one["is_right"] and not one["only_words"] for one in told
        )
        self.counts["conversations_became_right"] = sum(one["is_right"] and not one["was_right"] for one in told)
        self._keep("conversations")

    def _release(self) -> None:
        """Let go of both models: who plays loads them anew, and needs the memory."""
        for name in ("_draft_reader", "_live_reader"):
            self.__dict__.pop(name, None)

    def _keep(self, step: str, **columns: Any) -> None:
        """Let the editor read what there is."""
        now = time.monotonic()
        self._marks.append((step, now))
        starts = [self.began, *(moment for _, moment in self._marks)]
        self.result["seconds"] = round(now - self.began, 1)
        self.result["steps"] = {name: round(end - start, 1) for (name, end), start in zip(self._marks, starts)}
        studio = self.parts.studio
        with studio.database.transaction() as connection:
            values = {"result": store.result_text(self.result), "touched_at": studio.clock(), **columns}
            kept = store.set_trial(connection, self.trial.id, [TrialState.RUNNING], **values)
        if not kept:
            raise TrialEnded
        self.signs.check()


def chunks(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """So many at once that the editor sees how it goes on."""
    for start in range(0, len(things), READ_BETWEEN_LOOKS):
        yield things[start : start + READ_BETWEEN_LOOKS]


def _asked(row: Mapping[str, Any]) -> AskedText:
    return AskedText(row["text"], row.get("context"))
