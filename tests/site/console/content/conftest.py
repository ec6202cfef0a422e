"""The console on a small installation, with a studio that keeps to the test's folder."""

import dataclasses
import itertools
import re
from types import SimpleNamespace

import pytest

from bot import bootstrap
from bot.errors import AssistantUnavailable
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.repository import Repository
from bot.studio.service import Studio
from tests.servers.staff import ANNA, BEN, CHARLIE, Staff

SHARING = Item(ItemKind.RESPONSE, "utter_faq/sharing")
SHARING_EXAMPLES = Item(ItemKind.EXAMPLES, "faq/sharing")
PRIVACY = Item(ItemKind.RESPONSE, "utter_faq/privacy")
FACT = Item(ItemKind.RESPONSE, "utter_fact/sharing_mail")
GREETING = Item(ItemKind.RESPONSE, "utter_greet")
PRICE = Item(ItemKind.RESPONSE, "utter_out_of_scope/exam_price")
LEVEL = Item(ItemKind.CREDENTIAL, "level_1")
INSTALLED = {
    "domain.yml": """\
version: "3.1"
responses:
  utter_greet:
  - text: Hello, {name}!
    buttons:
    - {title: Sharing, payload: /faq/sharing}
    metadata: {kind: social}
""",
    "data/nlu/faq/basics.yml": """\
version: "3.1"
nlu:
- intent: faq/sharing
  examples: |
    - how do I share it
    - where can I share my [Level 1](credential) badge
    - put it on my profile
- intent: faq/privacy
  examples: |
    - who can see my badge
    - is my badge public
responses:
  utter_faq/sharing:
  - text: Press **Share** on the page of your badge.
    metadata: {kind: answer, question: How do I share my badge?, title: Sharing, related: [privacy]}
  - channel: slack
    text: Press *Share*.
    metadata: {question: How do I share my badge?, title: Sharing}
  utter_faq/privacy:
  - text: Your badge is public.
    metadata: {kind: answer, question: Who sees my badge?, title: Privacy}
""",
    "data/nlu/faq/basics_facts.yml": """\
version: "3.1"
nlu:
- intent: fact/sharing_mail
  metadata: {after: [sharing]}
  examples: |
    - and by mail
    - can I mail it
responses:
  utter_fact/sharing_mail:
  - text: You can share it by mail.
    buttons:
    - {title: Show all of it, payload: /faq/sharing}
    metadata: {kind: fact, of: sharing}
""",
    "data/nlu/out_of_scope.yml": """\
version: "3.1"
nlu:
- intent: out_of_scope/exam_price
  examples: |
    - what does the exam cost
    - price of the exam
responses:
  utter_out_of_scope/exam_price:
  - text: Prices aren't covered here.
    metadata: {kind: decline, offer: escalate}
""",
    "data/nlu/social.yml": """\
version: "3.1"
nlu:
- intent: thank
  examples: |
    - thanks
- intent: affirm
  metadata: {after: [team_offered]}
  examples: |
    - yes do that
""",
    "data/stories/rules.yml": 'version: "3.1"\nrules: []\n',
    "data/topics.yml": "- {file: basics, title: The basics}\n",
    "data/catalogue.yml": "credentials:\n- id: level_1\n  title: Level 1\n  names: [level 1, l1]\n",
}


class Editor(Staff):
    """A member of staff who fills in the forms of the content pages as a browser would."""

    def fill(self, page, action, **changes):
        """Send the form of a page that goes to an action, with some fields changed.

        Args:
            page: its path below /console.
            action: the end of the form's address.
            changes: fields by name; a list for those that are there more than once.
        """
        form = self.form(page, action)
        return self.client.post(form.address, data={**form.fields, **changes})

    def form(self, page, action):
        """Where a form of a page goes and what stands in it."""
        text = page if page.startswith("<") or "<form" in page else self.get(page).text
        for address, inside in re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', text, re.DOTALL):
            if address.partition("#")[0].endswith(action):
                return SimpleNamespace(address=address, fields=fields_of(inside))
        raise AssertionError(f"{page} has no form to {action}")


def fields_of(html):
    """What a browser would send of a form that nobody has touched."""
    found = {}
    pattern = (
        r'<input[^>]*>|<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>|<select[^>]*name="(\w+)"[^>]*>(.*?)</select>'
    )
    for match in re.finditer(pattern, html, re.DOTALL):
        area, text, select, options = match.groups()
        if area:
            found.setdefault(area, []).append(unescape(text))
        elif select:
            values = re.findall(r'<option[^>]*value="([^"]*)"[^>]*selected', options)
            first = re.findall(r'<option[^>]*value="([^"]*)"', options)
            found.setdefault(select, []).append(unescape((values or first or [""])[0]))
        else:
            name = re.search(r'name="(\w+)"', match[0])
            if name and 'type="checkbox"' not in match[0]:
                value = re.search(r'value="([^"]*)"', match[0])
                found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return found


def unescape(text):
    for name, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(name, plain)
    return text


@pytest.fixture()
def installation(tmp_path):
    folder = tmp_path / "installation"
    for name, text in INSTALLED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture()
def options():
    """Settings of the test."""
    return {}


@pytest.fixture()
def services(settings, tmp_path, installation, options):
    settings = settings.copy(update={"staff_emails": frozenset({ANNA, BEN, CHARLIE}), **options})
    built = bootstrap.build(settings.copy(update={"content_path": str(tmp_path / "content")}))
    studio = Studio(
        built.database,
        ContentFiles(tmp_path / "content", installation),
        Repository(tmp_path / "content" / "repository"),
        built.clock,
        settings.may_edit_content,
        built.studio._judging,
        second_person=settings.content_approval == "second",
    )
    return dataclasses.replace(built, studio=studio)


@pytest.fixture()
def studio(services):
    return services.studio


@pytest.fixture()
def anna(app, mailbox):
    return Editor(app, mailbox).sign_in(ANNA)


@pytest.fixture()
def ben(app, mailbox):
    return Editor(app, mailbox).sign_in(BEN)


@pytest.fixture()
def said(services):
    """What the assistant is asked in previews, and what it replies: `replies`, or an error where there is none."""
    found = SimpleNamespace(asked=[], replies=[])

    class Answering:
        def preview(self, model, conversation, said, context=None):
            found.asked.append((model, conversation, said, context))
            if not found.replies:
                raise AssistantUnavailable("away")
            return found.replies

    object.__setattr__(services, "assistant", Answering())
    return found


def changed_draft(studio, by=ANNA, text="Press the new **Share** on the page of your badge."):
    """A draft with one changed answer."""
    draft = studio.open_draft("New words", by)
    value = studio.content().value(SHARING)
    return studio.edit(draft.id, SHARING, [{**value[0], "text": text}, *value[1:]], by, draft.version(SHARING))


_numbers = itertools.count()


def tried_draft(studio, draft, **result):
    """The draft with a finished trial of it as it is."""
    trial = studio.try_out(draft.id, draft.author)
    model = f"models/{next(_numbers)}.tar.gz"
    (studio.root / "models").mkdir(parents=True, exist_ok=True)
    (studio.root / model).write_bytes(b"a model")
    assert studio.claim_trial("test", trial.id)
    assert studio.finish(trial.id, result, model)
    return studio.draft(draft.id)


def text_of(response):
    """The page as a person reads it: without tags, blanks as one."""
    apart = re.sub(r"</?(?:p|li|dt|dd|h\d|div|td|th)[ >]", r" \g<0>", response.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", apart)).split())
