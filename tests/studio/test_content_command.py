"""`python -m bot content ...` on the installed content."""

import io
import json
import subprocess
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.clock import now
from bot.content import faq_dates
from bot.database import Database
from bot.studio.content import Content
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.repository import Repository
from bot.studio.service import Studio
from tests.conftest import SECRET
from tests.studio.conftest import ANN, BEN, tried

GREETING = "response:utter_greet"
INSTALLED = Path(".")


@pytest.fixture()
def content(monkeypatch, tmp_path, sqlite_url, capsys):
    """Runs a command; gives its exit code and what it printed."""
    environment = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": sqlite_url, "CONTENT_PATH": str(tmp_path / "content")}
    for name, value in {**environment, "STAFF_EMAILS": f"{ANN},{BEN}"}.items():
        monkeypatch.setenv(name, value)

    def call(*words, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["content", *map(str, words)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.fixture()
def studio(content, sqlite_url, tmp_path):
    """The same, as the worker and the console have it."""
    files = ContentFiles(tmp_path / "content")
    found = Studio(Database(sqlite_url), files, Repository(tmp_path / "content" / "repository"), now)
    yield found
    found.database.engine.dispose()


def test_what_can_be_edited_is_listed_and_shown(content):
    code, listed = content("list", "--search", "utter_greet")
    assert code == 0 and GREETING in listed
    code, shown = content("show", GREETING)
    assert code == 0 and shown.startswith("- text:")
    value = json.loads(content("show", GREETING, "--json")[1])["value"]
    assert value == Content.read(INSTALLED).value(Item.of(GREETING))
    assert content("show", "response:utter_nothing_of_that_name") == (
        1,
        "There is no response:utter_nothing_of_that_name. `python -m bot content list` names all that there are.\n",
    )
    code, told = content("show", "utter_greet")
    assert code == 1 and "'utter_greet' is no item" in told


def test_an_answer_is_edited_tried_published_and_taken_back(content, studio):
    code, told = content("edit", GREETING, "--by", ANN, typed="Good day! How can I help?\n")
    assert (code, told) == (0, "Draft 1 has 1 change. Next: python -m bot content try 1 --by EMAIL\n")
    assert "Draft 1, open: Edited in the terminal" in content("draft", 1)[1] and GREETING in content("draft", 1)[1]
    patch = content("diff", 1)[1]
    assert "Good day! How can I help?" in patch
    checked = subprocess.run(["git", "apply", "--check", "-"], input=patch, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stderr
    assert content("check", 1) == (0, "Nothing is wrong with it.\n")
    code, told = content("publish", 1, "--by", ANN, "-m", "Friendlier")
    assert code == 1 and "not been tried out" in told
    tried(studio, 1)
    assert "Trial 1: done" in content("draft", 1)[1]
    code, told = content("publish", 1, "--by", ANN, "-m", "Friendlier")
    assert code == 0 and "Publication 1 is live" in told
    assert "Good day! How can I help?" in content("show", GREETING)[1]
    assert "live" in content("history")[1] and "Friendlier" in content("history")[1]
    assert content("patch", 1)[1] == patch
    code, told = content("roll-back", 0, "--by", BEN)
    assert code == 0 and "Good day!" not in content("show", GREETING)[1]
    history = json.loads(content("history", "--json")[1])
    assert [(one["id"], one["state"], one["back_to"]) for one in history] == [(2, "live", 0), (1, "past", None)]


def test_a_published_faq_has_the_day_on_which_it_changed(content, studio, tmp_path):
    item = "response:utter_faq/sharing_options"
    assert content("edit", item, "--by", ANN, typed="Press Share, and choose where.")[0] == 0
    tried(studio, 1)
    assert content("publish", 1, "--by", ANN, "-m", "Shorter")[0] == 0
    before, after = faq_dates.read(), faq_dates.read(tmp_path / "content/versions/1/data/faq_dates.yml")
    assert {name for name in after if after[name] != before.get(name)} >= {"sharing_options"}
    assert after["sharing_options"].changed == now().date()
    assert after["credly_support"].changed == before["credly_support"].changed


def test_examples_are_added_to_a_draft(content, studio):
    label = Item(ItemKind.EXAMPLES, "faq/sharing_options")
    code, _ = content("add-examples", label.name, "--by", ANN, typed="can i put it on my fridge door\n\n")
    code, told = content("add-examples", label.name, "--by", BEN, "and on the office wall", "--draft", 1)
    assert code == 0 and "Draft 1 has 1 change" in told
    value = studio.draft_content(studio.draft(1)).value(label)
    assert value[-2:] == ["can i put it on my fridge door", "and on the office wall"]
    code, told = content("add-examples", label.name, "and on the office wall", "--by", BEN, "--draft", 1)
    assert code == 1 and "there already" in told
    code, told = content("add-examples", "sharing_options", "x", "--by", BEN)
    assert code == 1 and "Did you mean faq/sharing_options" in told
    assert len(json.loads(content("drafts", "--json")[1])) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("edit", GREETING, "--by", "ann"), 2, "'ann' is no e-mail address"),
        (("edit", GREETING, "--by", "eve@example.com"), 1, "Only editors can do this"),
        (("edit", GREETING, "--by", ANN), 2, "Nothing was read in"),
        (("edit", GREETING, "--by", ANN, "--file", "no/such/file"), 2, "no/such/file cannot be used"),
        (("edit", "response:utter_new", "--by", ANN, "--draft", "9"), 1, "no such draft"),
        (("draft", "9"), 1, "no such draft"),
        (("approve", "9", "--by", ANN), 1, "no such publication"),
        (("patch", "9"), 1, "no such publication"),
        (("roll-back", "9", "--by", ANN), 1, "never been live"),
        (("update", "--by", ANN), 1, "nothing to bring in"),
        (("try", "1"), 2, "--by EMAIL"),
    ],
)
def test_each_mistake_is_told_in_plain_words(content, words, code, told):
    found, printed = content(*words, typed="" if "Nothing" in told else "New words.")
    assert found == code and told in printed and "Traceback" not in printed


def test_what_is_no_text_is_refused_in_plain_words(content, tmp_path):
    told = (2, "Some of what was given is no text in UTF-8: save it as such, then try again.\n")
    assert content("edit", GREETING, "--by", ANN, typed="Good day, Jos\udce9!\n") == told  # as a terminal hands it on
    (tmp_path / "greeting.txt").write_bytes("Good day, Jos\u00e9!".encode("latin-1"))
    assert content("edit", GREETING, "--by", ANN, "--file", tmp_path / "greeting.txt") == told
    assert content("add-examples", "greet", "hello Jos\udce9", "--by", ANN) == told


def test_what_stands_against_a_draft_is_told(content):
    test = json.loads(Path("tests/data/unseen.jsonl").read_text().splitlines()[0])
    assert content("add-examples", test["expect"][0], test["text"], "--by", ANN)[0] == 0
    code, told = content("check", 1)
    assert code == 1 and "This is a test message" in told
    code, told = content("publish", 1, "--by", ANN, "-m", "By heart")
    assert code == 1 and "This is a test message" in told


def test_a_whole_item_is_edited_as_it_is_shown(content, studio):
    shown = content("show", GREETING)[1]
    code, told = content("edit", GREETING, "--by", ANN, "--yaml", typed=shown)
    assert (code, told[:19]) == (0, "Draft 1 has 0 chang")
    assert content("edit", GREETING, "--by", ANN, "--yaml", typed="- text: [")[0] == 2
    assert content("edit", GREETING, "--by", ANN, "--yaml", typed="- just words")[0] == 1
    assert (
        content("edit", "credential:level_1", "--by", ANN, typed="id: level_1\ntitle: Level One\nnames: [level 1]")[0]
        == 0
    )
    assert studio.drafts()[0].changes[0].change.after["title"] == "Level One"


def test_training_says_that_something_else_is_live(monkeypatch, tmp_path, capsys):
    from bot.commands import train

    train._say_what_is_live(tmp_path)
    assert capsys.readouterr().out == ""
    (tmp_path / "live").write_text('{"publication": 7, "root": "versions/7", "model": "models/a.tar.gz"}')
    train._say_what_is_live(tmp_path)
    assert "Publication 7 is live" in (told := capsys.readouterr().out) and "content update" in told
    (tmp_path / "live").write_text('{"publication": 8, "root": "", "model": ""}')
    train._say_what_is_live(tmp_path)
    assert capsys.readouterr().out == ""
