"""A small folder of content, and how tests write into it."""

from pathlib import Path

from bot.studio.content import changed_files
from bot.studio.items import Change, Item, ItemKind

FILES = {
    "domain.yml": """\
version: "3.1"
intents: # of all sorts
  - greet
entities: [email, date]
responses:
  utter_greet:
    - text: Hello!
      metadata: {kind: social}
  # about codes
  utter_code:
    - text: "Your code, please: {tries} left"
      buttons: &code_buttons # everywhere the same
        - {title: Send it again, payload: /greet}
        - {title: "Never mind", payload: /greet}
      metadata: {again: utter_greet, kind: code}
  utter_code_wrong:
    - text: That code is wrong.
      buttons: *code_buttons
      metadata: {kind: code}
  utter_code_late:
    - text: That code is too late.
      buttons: *code_buttons
      metadata: {kind: code}
slots:
  address: {type: text}
""",
    "data/nlu/faq/sharing.yml": """\
version: "3.1"
nlu:
- intent: faq/sharing_options
  examples: |
    - share where
    - "Badge" on [LinkedIn](date)?
    - # of networks

- intent: faq/signature
  examples: |
    - signature
    - badge in mail

responses:
  utter_faq/sharing_options:
  - text: |-
      Directly:

      - **LinkedIn**
      - Others.[

      How to](link:share_video "")
    metadata:
      kind: answer
      question: "Where can I share it?"
      title: "Where to share?"
      related: [signature]
  - channel: slack
    text: |-
      On LinkedIn
    metadata:
      question: "Where can I share it?"
      title: "Where to share?"

  utter_faq/signature:
  - text: Yes, it can.
    metadata: &about
      kind: answer
      question: Can I add it to a signature?
      title: In a signature
      related: [sharing_options]
  - channel: slack
    text: 'Yes, it "can".'
    metadata: *about
""",
    "data/nlu/faq/sharing_facts.yml": """\
version: "3.1"

nlu:
- intent: fact/sharing_options_linkedin
  metadata: {after: [sharing_options]}
  examples: |
    - on linkedin too?
    - and on LI

responses:
  utter_fact/sharing_options_linkedin:
  - text: "On LinkedIn, too."
    buttons:
    - {title: Show all of it, payload: /faq/sharing_options}
    metadata: {kind: fact, of: sharing_options}
""",
    "data/nlu/context/answers.yml": """\
# After answers.
version: "3.1"
nlu:
- intent: affirm
  metadata: {after: [offer, other_offer]}
  examples: |
    - yes
    - ok

- intent: affirm
  metadata: {after: [code]}
  examples: |
    - go on
- intent: affirm # once more
  metadata: {after: [offer, other_offer]}
  examples: |
    - do it
""",
    "data/catalogue.yml": """\
# What can be earned.
credentials:
- id: level_1
  title: Level 1
  names: [level 1, "l1, first"] # short ones, too
- id: level_2
  title: Level 2
  names: [level 2, l2]
  valid_months: 12
""",
    "data/topics.yml": "- {file: sharing, title: Sharing}\n",
}

ANSWER = Item(ItemKind.RESPONSE, "utter_faq/sharing_options")
GREETING = Item(ItemKind.RESPONSE, "utter_greet")
CODE = Item(ItemKind.RESPONSE, "utter_code")
SHARING = Item(ItemKind.EXAMPLES, "faq/sharing_options")
AFFIRM = Item(ItemKind.EXAMPLES, "affirm", "offer,other_offer")
LEVEL_1 = Item(ItemKind.CREDENTIAL, "level_1")


def made(folder: Path) -> Path:
    """A folder with the files."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def write(root: Path, *changes: tuple) -> dict[str, str]:
    """Make changes, each an item with its new value and perhaps a path; returns the new texts."""
    texts = changed_files(root, [Change(item, None, value, *path) for item, value, *path in changes])
    for path, text in texts.items():
        (root / path).write_bytes(text.encode())
    return texts


def changed_lines(path: str, text: str) -> list[str]:
    """The lines that are new (+) or gone (-) against the file as it was made."""
    import difflib

    lines = difflib.ndiff(FILES[path].split("\n"), text.split("\n"))
    return [line for line in lines if line[0] in "+-"]
