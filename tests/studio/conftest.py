import datetime
from pathlib import Path

import pytest

from bot.database import Database
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.repository import Repository
from bot.studio.service import Studio

MONDAY = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.timezone.utc)
SHARING, PRIVACY = Item(ItemKind.RESPONSE, "utter_faq/sharing"), Item(ItemKind.RESPONSE, "utter_faq/privacy")
QUESTIONS = Item(ItemKind.EXAMPLES, "faq/sharing")
ANN, BEN, CAT = "ann@example.com", "ben@example.com", "cat@example.com"
FILES = {
    "domain.yml": """\
version: "3.1"
responses:
  # How we say hello.
  utter_greet:
  - text: Hello!
    metadata: {kind: social}
""",
    "data/nlu/faq/basics.yml": """\
version: "3.1"
nlu:
- intent: faq/sharing
  examples: |
    - how do I share it
    - where can I share my badge
- intent: faq/privacy
  examples: |
    - who can see my badge
    - is my badge public
responses:
  utter_faq/sharing:
  - text: Press Share.  # in the words of the button
    metadata: {kind: answer, question: How do I share my badge?, title: Sharing}
  utter_faq/privacy:
  - text: Your badge is public.
    metadata: {kind: answer, question: Who sees my badge?, title: Privacy}
""",
    "data/stories/rules.yml": 'version: "3.1"\nrules: []\n',
    "data/topics.yml": "- {file: basics, title: Basics}\n",
    "data/catalogue.yml": "credentials:\n- id: level_1\n  title: Level 1\n  names: [level 1, l1]\n",
}


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self, now=MONDAY):
        self.now = now

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        self.now += datetime.timedelta(seconds=seconds)


def install(folder: Path) -> Path:
    """A small installation."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def studio_on(url, folder: Path, clock=None, **options) -> Studio:
    """A studio on a folder that has an installation beside the content; each on connections of its own."""
    files = ContentFiles(folder / "content", folder / "installation")
    repository = Repository(folder / "content" / "repository")
    return Studio(Database(url), files, repository, clock or Clock(), **options)


def answer(text, question="How do I share my badge?", title="Sharing"):
    return [{"text": text, "metadata": {"kind": "answer", "question": question, "title": title}}]


def tried(studio, draft_id, fallen=(), name=""):
    """A trial of a draft as it is, done."""
    trial = studio.try_out(draft_id, ANN)
    model = f"models/{name or trial.digest}.tar.gz"
    (studio.root / "models").mkdir(parents=True, exist_ok=True)
    (studio.root / model).write_bytes(b"a model")
    if studio.claim_trial("test", trial.id):
        assert studio.finish(trial.id, {"floors_fallen": list(fallen)}, model)
    return studio.trial(draft_id)


def published(studio, text="Press the new Share.", item=SHARING, by=ANN, **options):
    """A publication of a new answer."""
    draft = studio.open_draft("New words", by)
    studio.edit(draft.id, item, answer(text), by, draft.version(item))
    tried(studio, draft.id)
    return studio.publish(draft.id, by, "Say it better", **options)


def said(studio, item=SHARING):
    """What is live, read from the files that all processes follow."""
    live = studio.files.live()
    root = studio.root / live["root"] if live and live["root"] else studio.files.installation
    return studio._reading(root).value(item)[0]["text"]


def leftovers(studio):
    """What lies in the folder for nothing."""
    known = {f"versions/{one.id}" for one in studio.publications() if one.root == f"versions/{one.id}"}
    there = {path.relative_to(studio.root).as_posix() for path in studio.root.glob("versions/*")}
    return sorted((there - known) | {path.name for path in studio.root.rglob("*.new")})


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def folder(tmp_path):
    install(tmp_path / "installation")
    return tmp_path


@pytest.fixture()
def studio(database_url, folder, clock):
    found = studio_on(database_url, folder, clock)
    yield found
    found.database.engine.dispose()


@pytest.fixture()
def second(database_url, folder, clock):
    """Another process of the same assistant."""
    found = studio_on(database_url, folder, clock)
    yield found
    found.database.engine.dispose()


@pytest.fixture()
def draft(studio):
    return studio.open_draft("Share with anybody", ANN)
