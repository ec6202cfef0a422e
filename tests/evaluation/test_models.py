"""What is said where there is no model, or a file that is none."""

import gzip
import tarfile

import pytest

from bot.__main__ import main
from bot.nlu.standalone import newest_model

QUESTION = '{"text": "what is credly", "expect": ["faq/what_is_credly"]}\n'


@pytest.fixture
def broken(tmp_path, request):
    """A file that is no model, of some kind."""
    path = tmp_path / "model.tar.gz"
    if request.param == "text":
        path.write_text("not a model")
    elif request.param == "half":
        whole = newest_model().read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif request.param == "zipped":
        path.write_bytes(gzip.compress(b"x" * 2000))
    elif request.param == "another":
        with tarfile.open(path, "w:gz") as archive:
            archive.add(__file__, "components/train_Other0/x")
    return path


@pytest.mark.parametrize("broken", ["text", "half", "zipped", "another", "none"], indirect=True)
@pytest.mark.parametrize("command", ["ask", "evaluate"])
def test_a_file_that_is_no_model_is_told_with_what_makes_one(broken, command, tmp_path, capsys):
    (tmp_path / "questions.jsonl").write_text(QUESTION)
    text = "what is credly?" if command == "ask" else str(tmp_path / "questions.jsonl")
    assert main([command, text, "--model", str(broken)]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert str(broken) in told.err and "`make train` makes one" in told.err


@pytest.mark.parametrize("content", ["{}", "[]", "not JSON", None])
def test_what_is_no_earlier_report_is_named(content, tmp_path, capsys):
    (tmp_path / "questions.jsonl").write_text(QUESTION)
    old = tmp_path / "old.json"
    if content is not None:
        old.write_text(content)
    assert main(["evaluate", str(tmp_path / "questions.jsonl"), "--against", str(old)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{old}: ") and told.count("\n") == 1


@pytest.mark.parametrize("share", ["7", "-0.1", "95%", "nan"])
def test_a_share_is_a_number_from_0_to_1(share, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "questions.jsonl", "--min-right", share])
    assert ended.value.code == 2 and "--min-right" in capsys.readouterr().err
