"""One FAQ more, an answer changed: models made in seconds from the trained one, by a process without Rasa."""

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
import tarfile

import pytest
import yaml

from bot.nlu import last_training
from bot.nlu.standalone import Understanding, newest_model
from bot.studio import training
from bot.studio.model_archive import Unpacked
from bot.studio.training import NeedsFullTraining, given, train_changes, train_from_live
from tests.conftest import need

FILE = "data/nlu/faq/expiry.yml"
ASKED = ["are badges on a blockchain", "nft certificate", "can I mint my certificate as a token", "blockchain badge?"]
ASKED += ["is my credential recorded on ethereum", "web3 version of the certificate", "do you use the blockchain"]
ANSWER = "No badge of ours is kept on a blockchain \U0001f642: none."
IN_A_PROCESS = """
import sys
from pathlib import Path
from bot.studio.training import train_changes
done = train_changes(*map(Path, sys.argv[1:]))
print(done.came, done.went, sorted({"rasa", "torch", "tensorflow"} & set(sys.modules)))
"""


@pytest.fixture(scope="module", autouse=True)
def trained():
    need(last_training.LAST_TRAINING.exists(), "What full training keeps (KEEP_TRAINING=yes)")


@pytest.fixture()
def root(tmp_path):
    """The content, to be changed."""
    folder = tmp_path / "content"
    shutil.copytree("data/nlu", folder / "data/nlu")
    shutil.copytree("data/stories", folder / "data/stories")
    shutil.copy("data/catalogue.yml", folder / "data")
    shutil.copy("domain.yml", folder)
    return folder


def edit(path, change):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def add_faq(content):
    content["nlu"].append({"intent": "faq/blockchain", "examples": "".join(f"- {text}\n" for text in ASKED)})
    content["responses"]["utter_faq/blockchain"] = [{"text": ANSWER}]


def one_file(archive, name):
    with tarfile.open(archive) as tar:
        return tar.extractfile(next(one for one in tar if one.name.endswith(name))).read().decode()


def test_a_new_faq_is_answered_by_rasa_with_the_model_that_was_made(root, tmp_path):
    edit(root / FILE, add_faq)
    catalogue = yaml.safe_load((root / "data/catalogue.yml").read_text(encoding="utf-8"))
    catalogue["credentials"].append({"id": "level_nine", "names": ["OneStream Level Nine"]})
    (root / "data/catalogue.yml").write_text(yaml.safe_dump(catalogue), encoding="utf-8")
    model = tmp_path / "model.tar.gz"
    command = [sys.executable, "-c", IN_A_PROCESS, str(root), str(newest_model()), str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(ASKED)} 0 []\n"

    from bot.evaluation import in_process

    agent = in_process.agent(model)
    read = asyncio.run(agent.parse_message("are my badges on a blockchain?"))
    assert read["intent"]["name"] == "faq"
    best = read["response_selector"]["faq"]["response"]
    assert best["intent_response_key"] == "faq/blockchain" and best["responses"] == [{"text": ANSWER}]
    assert agent.domain.responses["utter_faq/blockchain"] == [{"text": ANSWER}]
    read = asyncio.run(agent.parse_message("has my OneStream Level Nine run out?"))
    assert [one["value"] for one in read["entities"]] == ["level_nine"]
    assert read["response_selector"]["faq"]["response"]["intent_response_key"] == "faq/credential_expiry"
    before = json.loads(one_file(newest_model(), "metadata.json"))
    after = json.loads(one_file(model, "metadata.json"))
    assert after["model_id"] != before["model_id"] and after["trained_at"] > before["trained_at"]
    assert "blockchain" in json.loads(one_file(model, "spelling.json"))["own"]


def test_only_an_answer_changed_and_a_change_taken_back(root, tmp_path, understanding, monkeypatch):
    edit(root / FILE, lambda content: content["responses"].update({"utter_faq/credential_expiry": [{"text": ANSWER}]}))
    first, second = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    with monkeypatch.context() as nothing:
        nothing.setattr(training, "_learn", lambda *given: pytest.fail("nothing is to be learnt"))
        train_changes(root, newest_model(), first)
    changed = Understanding.load(first)
    assert changed.responses["utter_faq/credential_expiry"] == [{"text": ANSWER}]
    question = "does my badge expire?"
    assert changed.decide(question)[1].probabilities == pytest.approx(understanding.decide(question)[1].probabilities)

    shutil.rmtree(root / "data/nlu")
    shutil.copytree("data/nlu", root / "data/nlu")
    train_changes(root, first, second)
    again = Understanding.load(second)
    assert again.responses == understanding.responses


def test_more_than_content_is_left_to_a_full_training(root, tmp_path):
    target = tmp_path / "model.tar.gz"
    edit(root / "domain.yml", lambda domain: domain["intents"].append("sing"))
    with pytest.raises(NeedsFullTraining, match="More than"):
        train_changes(root, newest_model(), target)
    assert not target.exists()


@pytest.mark.parametrize("label", ["sing", "songs/first"])
def test_examples_of_an_intent_that_the_model_does_not_know_are_left_to_a_full_training(root, tmp_path, label):
    edit(root / FILE, lambda content: content["nlu"].append({"intent": label, "examples": "- sing to me\n"}))
    with pytest.raises(NeedsFullTraining, match=label.partition("/")[0]):
        train_changes(root, newest_model(), tmp_path / "model.tar.gz")


def test_very_many_examples_are_left_to_a_full_training(root, tmp_path, monkeypatch):
    edit(root / FILE, add_faq)
    monkeypatch.setattr(training, "MOST_CHANGED", len(ASKED) - 1)
    with pytest.raises(NeedsFullTraining, match="More than 6 examples"):
        train_changes(root, newest_model(), tmp_path / "model.tar.gz")


def test_where_nothing_was_kept_or_of_another_training_it_says_so(root, tmp_path):
    with pytest.raises(NeedsFullTraining, match="kept nothing"):
        train_changes(root, newest_model(), tmp_path / "model.tar.gz", kept=tmp_path / "nothing")
    other = tmp_path / "other"
    other.mkdir()
    about = last_training.About("another", last_training.about().fixed)
    (other / last_training.ABOUT_FILE).write_text(json.dumps(vars(about)), encoding="utf-8")
    with pytest.raises(NeedsFullTraining, match="does not come from the last full training"):
        train_changes(root, newest_model(), tmp_path / "model.tar.gz", kept=other)


def test_it_is_said_where_another_user_has_trained(root, tmp_path, monkeypatch):
    """`make train` as root, say: what it keeps may be read by root alone."""

    def refused(kept):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(kept))

    monkeypatch.setattr(last_training, "about", refused)
    with pytest.raises(NeedsFullTraining, match="only be read by the user that trained"):
        train_changes(root, newest_model(), tmp_path / "x.tar.gz")


def test_a_draft_is_trained_though_all_was_trained_anew_since_its_live_model_was_made(root, tmp_path):
    edit(root / FILE, lambda content: content["responses"].update({"utter_faq/credential_expiry": [{"text": ANSWER}]}))
    live, target = tmp_path / "live.tar.gz", tmp_path / "model.tar.gz"
    (tmp_path / "unpacked").mkdir()
    earlier = Unpacked.of(newest_model(), tmp_path / "unpacked")
    described = earlier.component("FaqClassifier") / "classifier.json"
    values = json.loads(described.read_text(encoding="utf-8"))
    described.write_text(json.dumps({**values, "training": "an earlier one"}), encoding="utf-8")
    earlier.pack(live)
    assert train_from_live(root, live, target).base == newest_model()
    assert (
        ANSWER
        in json.loads(one_file(target, "classifier.json"))["responses"]["utter_faq/credential_expiry"][0].values()
    )


def test_rules_and_the_domain_are_taken_as_given_and_content_is_not(root):
    before = given(root)
    edit(root / FILE, add_faq)
    edit(root / "domain.yml", lambda domain: domain["responses"].update({"utter_greet": [{"text": "Hello"}]}))
    assert given(root) == before
    edit(root / "data/stories/tasks.yml", lambda tasks: tasks.update(more={}))
    assert given(root) != before


def test_a_model_that_cannot_be_written_leaves_nothing_behind(root, tmp_path, monkeypatch):
    def full(*given, **named):
        raise OSError("No space left on device")

    monkeypatch.setattr("tarfile.TarFile.add", full)
    with pytest.raises(OSError, match="No space"):
        train_changes(root, newest_model(), tmp_path / "model.tar.gz")
    assert [one.name for one in tmp_path.iterdir()] == ["content"]
