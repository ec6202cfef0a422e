"""How well mail is read, on public collections: `python -m bench.mail_collections FOLDER ...`.

Each folder is a checkout of discourse/email_reply_trimmer, crisp-oss/email-reply-parser, github/email_reply_parser,
mailgun/talon, mikel/mail, php-mime-mail-parser/php-mime-mail-parser, zbateson/mail-mime-parser,
huan086/EmailReplyParser, hellogustav/elixir_email_reply_parser or closeio/quotequail. They are read where they lie;
nothing of them is kept here. What an earlier folder has too, as ports of the same parser have, counts there alone. What
is right, docs/mail.md says. `--wrong` lists what is not, of the two thirds that may be looked at; a third of each
collection, drawn by the names, only ever counts.
"""

import argparse
import ast
import contextlib
import email
import email.policy
import hashlib
import re
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.mail_reading import message, quotes

Texts = tuple[str, str]  # what is shown, and the rest
Check = Callable[[str, str], bool]
BESIDE = re.compile(r"[\s>|-]+")


@dataclass(frozen=True)
class Mail:
    """One mail of a collection: its text, or all of it in bytes, and whether what is read of it is right."""

    name: str
    content: str | bytes
    right: Check

    @property
    def unseen(self) -> bool:
        """Whether it belongs to the third that nobody looks at."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 3 == 0

    @property
    def content_id(self) -> str:
        """The same for mails that differ in their blanks alone."""
        content = self.content if isinstance(self.content, str) else self.content.decode("latin-1")
        return " ".join(content.split())


def words(text: str) -> list[str]:
    """The words of a text, without marks of quoting."""
    return [word for word in BESIDE.split(text) if word]


def own(text: str) -> list[str]:
    """The words on lines that are not marked as quoted."""
    return words("\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">")))


def same(expected: str) -> Check:
    """The sender's own words are shown, all and no others."""
    return lambda new, rest: own(new) == own(expected)


def discourse(folder: Path) -> Iterator[Mail]:
    """Texts, each with what is left after trimming."""
    for path in sorted((folder / "test" / "emails").glob("*.txt")):
        trimmed = (folder / "test" / "trimmed" / path.name).read_text(encoding="utf-8")
        yield Mail(path.name, path.read_text(encoding="utf-8"), same(trimmed))


def crisp(folder: Path) -> Iterator[Mail]:
    """Texts, with what a test in JavaScript says of their first fragment or of what is visible."""
    script = (folder / "test" / "test.js").read_text(encoding="utf-8")
    common = _literal('"' + script.split("COMMON_FIRST_FRAGMENT = '")[1].split("';")[0].replace("\\\n", "") + '"')
    for test in script.split("export function ")[1:]:
        named = re.search(r'get_email\("(\w+)"\)', test)
        if named:
            path = folder / "test" / "fixtures" / f"{named[1]}.txt"
            yield Mail(path.name, path.read_text(encoding="utf-8"), _of_javascript(test, common))


def _of_javascript(test: str, common: str) -> Check:
    told = re.search(r'test\.equal\(("(?:[^"\\]|\\.)*"), (?:\w+\.)?(?:getVisibleText|fragments\[0\])', test)
    if "COMMON_FIRST_FRAGMENT" in test:
        return same(common)
    if told and "fragments[2]" not in test:
        return same(_literal(told[1]))
    found = re.findall(r"test\.equal\(true, /(.*?)/m?\.test\(fragments\[(\d)\]", test)
    found += [(pattern, str(number)) for number, pattern in enumerate(re.findall(r"Regex = /(.*?)/m", test))]
    single = re.search(r"equal\(1, \w*\.?fragments\.length", test)
    checked = [
        (pattern, number == "0") for pattern, number in found if number == "0" or pattern.startswith(("^On", "^_"))
    ]
    return _patterns(checked, bool(single))


def _patterns(found: list[tuple[str, bool]], single: bool = False) -> Check:
    """Lines that are shown, and such as are not; with `single`, nothing is left over."""

    def right(new: str, rest: str) -> bool:
        if single and rest.strip():
            return False
        return all(bool(re.search(pattern, new, re.M)) == shown for pattern, shown in found)

    return right


def github(folder: Path) -> Iterator[Mail]:
    """Texts, with what tests in Ruby say of what is hidden and of the reply that is left."""
    tests = (folder / "test" / "email_reply_parser_test.rb").read_text(encoding="utf-8")
    for test in tests.split("  def test_")[1:]:
        named = re.search(r'email[( ]+[:"](\w+)|join\("(\w+)\.txt"', test)
        if named is None or "encoding" in test[:20] or "only_the_visible" in test[:30]:
            continue
        path = folder / "test" / "emails" / f"{named[1] or named[2]}.txt"
        yield Mail(path.name, path.read_text(encoding="utf-8"), _of_ruby(test))


def _of_ruby(test: str) -> Check:
    told = re.search(r'assert_equal ("(?:[^"\\]|\\.)*"),\s*EmailReplyParser\.parse_reply', test)
    if told:
        return same(_literal(told[1].replace("\n", "\\n")))
    flags = re.findall(r"assert_equal \[([a-z, ]+)\],\s*reply\.fragments\.map \{ \|f\| f\.(\w+)", test)
    flag = {name: [one.strip() == "true" for one in values.split(",")] for values, name in flags}
    hidden, signed = flag.get("hidden", []), flag.get("signature", [])
    patterns = []
    for pattern, number in re.findall(r"assert_match\(?\s*/(.*?)/,\s*reply\.fragments\[(\d)\]", test):
        at = int(number)
        quoted = pattern.startswith("^On") and "remote host" not in pattern  # folded or not, both are right
        shown = not hidden[at] if hidden else at == 0
        if not (quoted and shown) and not pattern.startswith("^>") and not (signed and signed[at]):
            patterns.append((pattern, shown))
    return _patterns(patterns, bool(re.search(r"assert_equal 1, reply\.fragments", test)))


def _literal(quoted: str) -> str:
    return str(ast.literal_eval(quoted))


def talon(folder: Path) -> Iterator[Mail]:
    """Texts in its own tests in Python, each compared there with what is left of it; and mails of several programs.

    Tests that change the library's limits for a moment are about those, and no mails.
    """
    source = (folder / "tests" / "text_quotations_test.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not node.decorator_list:
            yield from _of_python(node)
    for path in sorted((folder / "tests" / "fixtures" / "standard_replies").glob("*.eml")):
        told = path.with_name(path.stem + "_reply_text")
        expected = told.read_text(encoding="utf-8") if told.exists() else "Hello"
        yield Mail(path.name, path.read_bytes(), _shown_but_signed(expected))


def _shown_but_signed(expected: str) -> Check:
    """A signature may be shown or not: some collections count it to the reply."""
    return lambda new, rest: own(new) == own(expected)[: len(own(new))] and own(expected)[:1] == own(new)[:1]


def _of_python(node: ast.FunctionDef) -> Iterator[Mail]:
    """What the test hands over and what it expects, by running it with a stand-in that notes both."""
    pairs: list[tuple[str, str]] = []

    class Handed(str):
        """What came from the stand-in."""

    def extract(text: str, *_: object) -> str:
        return Handed(text)

    def eq_(one: object, other: object, *_: object) -> None:
        for expected, handed in ((one, other), (other, one)):
            if isinstance(handed, Handed) and isinstance(expected, str):
                pairs.append((str(handed), str(expected)))
                return

    stand_in = types.SimpleNamespace(extract_from_plain=extract, extract_from=lambda text, *_: Handed(text))
    code = compile(ast.Module([node], []), "talon", "exec")
    names: dict[str, object] = {"quotations": stand_in, "eq_": eq_, "range": range, "six": None}
    try:
        exec(code, names)  # noqa: S102  a test of the collection, which its folder's owner has chosen to measure on
        names[node.name]()  # type: ignore[operator]
    except Exception:  # noqa: BLE001  it is about another function
        return
    for number, (text, expected) in enumerate(pairs):
        yield Mail(f"{node.name} {number}", text, same(expected))


def mikel(folder: Path) -> Iterator[Mail]:
    """Whole mails of many kinds, sound and broken."""
    yield from _whole(sorted((folder / "spec" / "fixtures" / "emails").rglob("*.eml")))


def zbateson(folder: Path) -> Iterator[Mail]:
    """Whole mails of many kinds, sound and broken."""
    yield from _whole(sorted((folder / "tests" / "_data" / "emails").glob("*.txt")))


def _whole(paths: list[Path]) -> Iterator[Mail]:
    for path in paths:
        yield Mail(path.name, path.read_bytes(), lambda new, rest: _is_clean(new + rest))


def _is_clean(text: str) -> bool:
    """No trace of how the mail was packed, and no character lost."""
    packed = re.search(r"^--(?=\S*\w)\S{8,}$|^Content-(?:Type|Transfer-Encoding|Disposition):", text, re.M)
    coded = re.search(r"^(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*[0-9])[A-Za-z0-9+/]{60,}$", text, re.M)
    return not packed and not coded and "\ufffd" not in text and not re.search(r"=[0-9A-F]{2}=[0-9A-F]{2}", text)


def php(folder: Path) -> Iterator[Mail]:
    """Whole mails, most with what a test in PHP expects in their text or their HTML."""
    tests = (folder / "tests" / "ParserTest.php").read_text(encoding="utf-8")
    for path in sorted((folder / "tests" / "mails").iterdir()):
        told = re.search(rf"\n {{20}}'{path.name}',(.*?)\n {{16}}\),?\n", tests, re.S)
        found = re.findall(
            r"array\('(MATCH|COUNT)',\s*(?:(\d+),)?\s*(\"(?:[^\"\\]|\\.)*\"|'[^']*')\)", told[1] if told else ""
        )
        yield Mail(path.name, path.read_bytes(), _of_php([(kind, number, text) for kind, number, text in found]))


def _of_php(found: list[tuple[str, str, str]]) -> Check:
    wanted = []
    for kind, number, quoted in found[:1]:
        if kind == "MATCH" or number not in ("", "0"):
            wanted = words(_literal(quoted))
    if not wanted and len(found) > 1 and found[1][1] not in ("0",):
        wanted = words(re.sub(r"<[^>]*>", " ", _literal(found[1][2])).replace("&nbsp;", " "))

    def right(new: str, rest: str) -> bool:
        said = Counter(words(new + "\n" + rest))
        return _is_clean(new + rest) and not Counter(wanted) - said

    return right


def huan086(folder: Path) -> Iterator[Mail]:
    """Texts, with what a test in C# says is visible of them; tests that its parser does not pass are commented out."""
    tests = folder / "src" / "EmailReplyParser.Tests"
    script = (tests / "EmailParserTests.cs").read_text(encoding="utf-8-sig")
    common = script.split("COMMON_FIRST_FRAGMENT =")[1].split(";")[0].replace('" +', "").replace('"', "")
    for test in script.split("[Fact]")[1:]:
        named = re.search(r'Get_email\("(\w+)"\)', test)
        told = re.search(r'Equal\(("(?:[^"\\]|\\.)*"|COMMON_FIRST_FRAGMENT), \w+\.GetVisibleText\(\)', test)
        if named and told:
            path = tests / "resources" / f"{named[1]}.txt"
            expected = _literal(told[1]) if told[1].startswith('"') else common.replace("\\n", "\n")
            yield Mail(path.name, path.read_text(encoding="utf-8-sig"), same(expected))


def elixir(folder: Path) -> Iterator[Mail]:
    """Texts, with the reply that a test in Elixir says is left of them."""
    script = (folder / "test" / "elixir_email_reply_parser_test.exs").read_text(encoding="utf-8")
    for test in script.split('\n  test "')[1:]:
        named = re.search(r'get_email_content\("([\w/]+)"\)', test)
        told = re.search(r'parse_reply\(\w+\) == ("(?:[^"\\]|\\.)*")', test)
        if named and told:
            path = folder / "test" / "emails" / f"{named[1]}.txt"
            yield Mail(named[1], path.read_text(encoding="utf-8"), same(_literal(told[1])))


def quotequail(folder: Path) -> Iterator[Mail]:
    """Texts within a test in Python, with what of them is no quote."""
    source = (folder / "tests" / "test_quote.py").read_text(encoding="utf-8")
    test = next(node for node in ast.parse(source).body if getattr(node, "name", "") == "test_quote")
    assert isinstance(test, ast.FunctionDef) and isinstance(test.decorator_list[0], ast.Call)
    for number, one in enumerate(ast.literal_eval(test.decorator_list[0].args[1])):
        shown = "\n".join(text for visible, text in one[2] if visible)
        yield Mail(f"test_quote {number}", one[0], same(shown))


KINDS: dict[str, Callable[[Path], Iterator[Mail]]] = {
    "test/trimmed": discourse,
    "test/test.js": crisp,
    "test/email_reply_parser_test.rb": github,
    "tests/text_quotations_test.py": talon,
    "spec/fixtures/emails": mikel,
    "tests/mails": php,
    "tests/_data/emails": zbateson,
    "src/EmailReplyParser.Tests/EmailParserTests.cs": huan086,
    "test/elixir_email_reply_parser_test.exs": elixir,
    "tests/test_quote.py": quotequail,
}


def look(mail: Mail) -> tuple[str, str] | None:
    """What is shown and what is folded; None where reading fails."""
    try:
        if isinstance(mail.content, str):
            parted = quotes.part(mail.content.replace("\r\n", "\n"))
            return parted.new, parted.rest
        read = message.read(mail.content)
        return read.text, read.rest
    except Exception:  # noqa: BLE001  that is what is counted
        return None


def keeps(mail: Mail, new: str, rest: str) -> bool:
    """No word of the text is lost; of a sound mail, none in ASCII that Python's own library finds in plain text."""
    told = [mail.content] if isinstance(mail.content, str) else _plain_parts(mail.content)
    said = Counter(words(new + "\n" + rest))
    return all(not Counter(word for word in words(text) if word.isascii()) - said for text in told)


def _plain_parts(content: bytes) -> Iterator[str]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    if any(part.defects for part in message.walk()):
        return
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_attachment() and not part.get_filename():
            with contextlib.suppress(LookupError, ValueError):
                yield part.get_content(errors="strict").replace("\n>From ", "\nFrom ")


def measure(mails: list[Mail], read: Callable[[Mail], Texts | None] = look) -> tuple[Counter[str], list[str]]:
    """How many are right, kept and all, seen and unseen; and the names of those that are wrong and may be looked at."""
    counts: Counter[str] = Counter()
    wrong = []
    for mail in mails:
        part = "unseen" if mail.unseen else "seen"
        texts = read(mail)
        right = texts is not None and mail.right(*texts)
        counts[f"{part} all"] += 1
        counts[f"{part} right"] += right
        counts["kept"] += texts is not None and keeps(mail, *texts)
        if not right and not mail.unseen:
            wrong.append(mail.name)
    return counts, wrong


def main(arguments: list[str]) -> int:
    """Print a line for each folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list what is wrong and may be looked at")
    args = parser.parse_args(arguments)
    known: set[str] = set()
    for folder in args.folders:
        kind = next((kind for path, kind in KINDS.items() if (folder / path).exists()), None)
        if kind is None:
            print(f"{folder} is none of the collections that this knows.")
            continue
        mails = [mail for mail in kind(folder) if mail.content_id not in known]
        known |= {mail.content_id for mail in mails}
        counts, wrong = measure(mails)
        right, total = counts["seen right"] + counts["unseen right"], counts["seen all"] + counts["unseen all"]
        unseen = f"{counts['unseen right']}/{counts['unseen all']}"
        share = f"{right:3}/{total:<3} {right / total:4.0%}"
        print(f"{kind.__name__:10} {share}  unseen {unseen:7} kept {counts['kept']}/{total}")
        if args.wrong:
            print("".join(f"    {name}\n" for name in wrong), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
