"""`python -m bot content ...`: drafts, trials and publications of content, as the console has them."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.given import given_address

if TYPE_CHECKING:
    from bot.studio.drafts import Draft
    from bot.studio.items import Change, Item, ItemValue
    from bot.studio.publications import Publication
    from bot.studio.service import Studio

BY_TERMINAL = "Edited in the terminal"
LONGEST_LISTED = 60  # characters of a text in a list


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command for each thing to do."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str, by: bool = False) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=text, description=text)
        if by:
            sub.add_argument("--by", required=True, metavar="EMAIL", help="which editor does it")
        else:
            sub.add_argument("--json", action="store_true", help="the result as JSON")
        return sub

    def numbered(name: str, text: str, what: str = "DRAFT", by: bool = False) -> argparse.ArgumentParser:
        sub = action(name, text, by)
        sub.add_argument("number", type=int, metavar=what)
        return sub

    listed = action("list", "all that can be edited: answers and sentences, examples, credentials")
    listed.add_argument("--search", default="", metavar="WORDS", help="only where these stand, in name or text")
    shown = action("show", "one item as it is live")
    shown.add_argument("item", metavar="ITEM", help="as `list` names it, such as response:utter_greet")
    shown.add_argument("--draft", type=int, metavar="DRAFT", help="as it is in a draft")
    edited = action("edit", "give an item other words, in a draft", by=True)
    edited.add_argument("item", metavar="ITEM")
    edited.add_argument("--yaml", action="store_true", help="the new words are the whole item as `show` prints it")
    edited.add_argument("--channel", default="", metavar="NAME", help="of an answer: the words for slack, say")
    edited.add_argument("--file", metavar="FILE", help="where the new words stand (default: they are read in)")
    added = action("add-examples", "add messages that mean something, in a draft", by=True)
    added.add_argument("label", metavar="LABEL", help="such as faq/sharing_options")
    added.add_argument("texts", nargs="*", metavar="TEXT", help="(default: read in, one a line)")
    for sub in (edited, added):
        sub.add_argument("--draft", type=int, metavar="DRAFT", help="which (default: a new one)")
        sub.add_argument("--title", default=BY_TERMINAL, help="of a new draft")
    action("drafts", "the drafts that are open, newest change first")
    numbered("draft", "one draft: its changes, conflicts and trial")
    numbered("diff", "what a draft changes, as a patch on what is live")
    numbered("check", "what is wrong with a draft, or may be")
    resolved = numbered("resolve", "choose between a draft and what was published meanwhile", by=True)
    resolved.add_argument("item", metavar="ITEM")
    resolved.add_argument("choice", choices=("ours", "theirs"), help="the draft's, or what is live")
    undone = numbered("undo", "take the change of an item out of a draft", by=True)
    undone.add_argument("item", metavar="ITEM")
    numbered("discard", "put a draft away", by=True)
    tried = actions.add_parser("try", help="train a draft and compare it with what is live")
    tried.add_argument("number", nargs="?", type=int, metavar="DRAFT")
    tried.add_argument("--by", metavar="EMAIL", help="which editor does it")
    tried.add_argument("--trial", type=int, metavar="TRIAL", help="do this trial, which waits")
    published = numbered("publish", "put a tried draft live, or ask a second person", by=True)
    published.add_argument("-m", "--message", required=True, help="what changes, and why")
    published.add_argument("--override", default="", metavar="REASON", help="publish though answers got worse")
    numbered("approve", "agree as a second person, which puts it live", "PUBLICATION", by=True)
    rejected = numbered("reject", "disagree, or withdraw one's own request", "PUBLICATION", by=True)
    rejected.add_argument("-m", "--message", required=True, metavar="REASON", help="why")
    action("history", "all publications, newest first")
    patched = numbered("patch", "what a publication changed, as a patch for `git apply`", "PUBLICATION")
    patched.add_argument("--since", type=int, metavar="PUBLICATION", help="compare with this one (0: as installed)")
    numbered("roll-back", "put live again what was live with a publication (0: what is installed)", "PUBLICATION", True)
    action("update", "a draft of what developers changed in the installation since it was published", by=True)


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when done, 1 when it is not possible or there is no such thing, 2 for bad input or no database."""
    from bot import bootstrap
    from bot.errors import BotError, InvalidAddress, InvalidSetting, RequestError
    from bot.settings import Settings

    try:
        if getattr(args, "by", None):
            args.by = given_address(args.by)
        return _ACTIONS[args.action](bootstrap.build(Settings.load()).studio, args)
    except RequestError as error:
        return _fail(error.message, 1)
    except InvalidAddress as error:
        return _fail(str(error), 2)
    except InvalidSetting:
        raise
    except BotError as error:
        return _fail(str(error), 1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _fail(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.", 2)
    except UnicodeError:
        return _fail("Some of what was given is no text in UTF-8: save it as such, then try again.", 2)


# Content
def _list(studio: "Studio", args: argparse.Namespace) -> int:
    content, wanted = studio.content(), args.search.casefold()
    found = [
        {"item": item.id, "file": content.path(item), "text": _one_line(content.value(item))}
        for item in content.items()
        if wanted in item.id.casefold() or wanted in json.dumps(content.value(item), ensure_ascii=False).casefold()
    ]
    if args.json:
        return _print_json(found)
    for one in found:
        print(f"{one['item']}  {one['text'][:LONGEST_LISTED]}")
    print(f"{len(found)} items." if found else "Nothing of that kind.")
    return 0


def _show(studio: "Studio", args: argparse.Namespace) -> int:
    content: Any = studio.draft_content(studio.draft(args.draft)) if args.draft else studio.content()
    item, value = _item(args.item), content.value(_item(args.item))
    if value is None:
        return _fail(f"There is no {item.id}. `python -m bot content list` names all that there are.", 1)
    if args.json:
        return _print_json({"item": item.id, "value": value})
    print(_as_yaml(value), end="")
    return 0


def _edit(studio: "Studio", args: argparse.Namespace) -> int:
    from bot.studio.items import ItemKind

    item = _item(args.item)
    text = Path(args.file).read_text(encoding="utf-8") if args.file else sys.stdin.read()
    draft = studio.draft(args.draft) if args.draft else None
    current = studio.draft_content(draft).value(item) if draft else studio.content().value(item)
    if current is None:
        return _fail(f"There is no {item.id}. New questions and credentials are added in the console.", 1)
    if not text.strip():
        return _fail("Nothing was read in. Give the new words on standard input, or with --file.", 2)
    if args.yaml or item.kind is ItemKind.CREDENTIAL:
        after = _of_yaml(text)
    elif item.kind is ItemKind.EXAMPLES:
        after = text.splitlines()
    else:
        after = _with_text(current, text.strip("\n"), args.channel)
    if after is None:
        return 2
    return _keep(studio, args, draft, item, after)


def _add_examples(studio: "Studio", args: argparse.Namespace) -> int:
    from bot.studio.items import ItemKind

    item = _item(f"examples:{args.label}")
    texts = [text.strip() for text in args.texts or sys.stdin.read().splitlines() if text.strip()]
    draft = studio.draft(args.draft) if args.draft else None
    current: Any = studio.draft_content(draft).value(item) if draft else studio.content().value(item)
    if current is None:
        labels = sorted(one.name for one in studio.content().items() if one.kind is ItemKind.EXAMPLES and not one.after)
        near = [label for label in labels if args.label.rpartition("/")[2] in label][:5]
        told = f" Did you mean {' or '.join(near)}?" if near else " `python -m bot content list` names all labels."
        return _fail(f"There is no label {args.label}.{told}", 1)
    new = [text for text in dict.fromkeys(texts) if text not in current]
    if not new:
        return _fail("Nothing was added: no example was given that is not there already.", 1)
    return _keep(studio, args, draft, item, [*current, *new])


# Drafts
def _drafts(studio: "Studio", args: argparse.Namespace) -> int:
    found = studio.drafts()
    if args.json:
        return _print_json([_draft_values(draft) for draft in found])
    for draft in found:
        waits = ", waits for approval" if draft.waiting else ""
        print(f"{draft.id:5}  {draft.updated_at:%Y-%m-%d %H:%M}  {_count(draft)}{waits}  {draft.author}  {draft.title}")
    print("" if found else "No drafts are open.", end="" if found else "\n")
    return 0


def _draft(studio: "Studio", args: argparse.Namespace) -> int:
    draft = studio.draft(args.number)
    content, trial = studio.draft_content(draft), studio.trial(draft.id)
    if args.json:
        told: dict[str, Any] = _draft_values(draft)
        told["conflicts"] = [conflict.item.id for conflict in content.conflicts]
        told["trial"] = {"state": trial.state, "words": trial.words, "result": trial.result} if trial else None
        return _print_json(told)
    print(f"Draft {draft.id}, {draft.state.value}: {draft.title}")
    print(f"by {draft.author}, {draft.updated_at:%Y-%m-%d %H:%M} UTC")
    for made in draft.changes:
        print(f"  {made.item.id}  by {made.by}")
    for conflict in content.conflicts:
        print(f"Published otherwise meanwhile: {conflict.item.id}. Choose: content resolve {draft.id} ITEM ours|theirs")
    if trial:
        current = "" if trial.digest == content.digest else " (of an older version of the draft, or of what is live)"
        print(f"Trial {trial.id}: {trial.state.value}{current} {trial.words}".rstrip())
        for fallen in trial.floors_fallen:
            print(f"  got worse than is allowed: {fallen}")
    return 0


def _diff(studio: "Studio", args: argparse.Namespace) -> int:
    from bot.studio.merge import patch

    content = studio.draft_content(studio.draft(args.number))
    if args.json:
        return _print_json([_change_values(change) for change in content.changes])
    print(patch(content.base.root, content.files()), end="")
    return 0


def _check(studio: "Studio", args: argparse.Namespace) -> int:
    found = studio.findings(studio.draft(args.number))
    errors = sum(one.level.value == "error" for one in found)
    if args.json:
        _print_json([{"level": one.level, "item": one.item.id, "message": one.message} for one in found])
        return 1 if errors else 0
    for one in found:
        print(f"{one.level.value}: {one.item.id}: {one.message}")
    print("" if found else "Nothing is wrong with it.", end="" if found else "\n")
    return 1 if errors else 0


def _resolve(studio: "Studio", args: argparse.Namespace) -> int:
    return _changed(studio.resolve(args.number, _item(args.item), args.choice, args.by))


def _undo(studio: "Studio", args: argparse.Namespace) -> int:
    return _changed(studio.undo(args.number, _item(args.item), args.by))


def _discard(studio: "Studio", args: argparse.Namespace) -> int:
    studio.discard(args.number, args.by)
    print(f"Draft {args.number} is put away.")
    return 0


def _try(studio: "Studio", args: argparse.Namespace) -> int:
    from bot.studio.drafts import TrialState

    if not args.trial and (args.number is None or not args.by):
        return _fail("Say which draft is tried out, and who does it: content try DRAFT --by EMAIL.", 2)
    from bot.content.responses import button_titles
    from bot.passing_files import passing_files
    from bot.studio import trial as trials
    from bot.studio.trial_words import telling

    if args.trial:
        with passing_files():
            return 0 if trials.run(args.trial, studio) else 1
    asked = studio.try_out(args.number, args.by)
    if asked.state is TrialState.WAITING:
        print(f"Trying out draft {args.number} ...", flush=True)
        with passing_files():
            trials.run(asked.id, studio)
    seen = studio.trial(args.number)
    if seen is None or seen.state is TrialState.FAILED:
        return _fail(seen.words if seen else "The trial is gone.", 1)
    if seen.state is not TrialState.DONE:
        print(f"It is being tried out already: {seen.share:.0%}, {seen.words}")
        return 0
    print(telling(seen, button_titles()))
    print(f"\nNext: python -m bot content publish {args.number} --by {args.by} -m MESSAGE")
    return 0


# Publications
def _publish(studio: "Studio", args: argparse.Namespace) -> int:
    return _told(studio.publish(args.number, args.by, args.message, args.override))


def _approve(studio: "Studio", args: argparse.Namespace) -> int:
    return _told(studio.approve(args.number, args.by))


def _reject(studio: "Studio", args: argparse.Namespace) -> int:
    return _told(studio.reject(args.number, args.by, args.message))


def _roll_back(studio: "Studio", args: argparse.Namespace) -> int:
    return _told(studio.roll_back(args.number, args.by))


def _history(studio: "Studio", args: argparse.Namespace) -> int:
    found = studio.publications()
    if args.json:
        return _print_json([_publication_values(one) for one in found])
    for one in found:
        approved = f", approved by {one.approved_by}" if one.approved_by and one.was_live else ""
        print(
            f"{one.id:5}  {one.state.value:10} {one.at:%Y-%m-%d %H:%M}  {one.by}{approved}  {_first_line(one.message)}"
        )
        for fallen in one.floors_fallen:
            print(f"       in spite of {fallen}: {one.override}")
        if one.reason:
            print(f"       rejected: {one.reason}")
    if studio.installed_files():
        print("Developers have changed the installation since then: python -m bot content update --by EMAIL")
    print("" if found else "Nothing was published yet: what is installed is live.", end="" if found else "\n")
    return 0


def _patch(studio: "Studio", args: argparse.Namespace) -> int:
    if args.json:
        return _print_json([_change_values(change) for change in studio.changes(args.number, args.since)])
    print(studio.patch(args.number, args.since), end="")
    return 0


def _update(studio: "Studio", args: argparse.Namespace) -> int:
    return _changed(studio.bring_in(args.by))


# What they have in common
def _keep(studio: "Studio", args: argparse.Namespace, draft: "Draft | None", item: "Item", after: Any) -> int:
    draft = draft or studio.open_draft(args.title, args.by)
    return _changed(studio.edit(draft.id, item, after, args.by, draft.version(item)))


def _with_text(value: Any, text: str, channel: str) -> Any:
    """A response with other words for a channel ("" for all others); None, with a word on it, where that is unclear."""
    fitting = [place for place, variant in enumerate(value) if variant.get("channel", "") == channel]
    if len(fitting) != 1:
        print(
            f"It has {len(fitting)} variants for that: give the whole item with --yaml, as `content show` prints it.",
            file=sys.stderr,
        )
        return None
    return [{**variant, "text": text} if place == fitting[0] else variant for place, variant in enumerate(value)]


def _changed(draft: "Draft") -> int:
    print(f"Draft {draft.id} has {_count(draft)}. Next: python -m bot content try {draft.id} --by EMAIL")
    return 0


def _told(publication: "Publication") -> int:
    words = {
        "live": "is live. Every process follows within a second or two.",
        "waiting": "waits for a second person: python -m bot content approve {number} --by EMAIL",
        "rejected": "is rejected; its draft can be changed again.",
    }
    print(f"Publication {publication.id} " + words[publication.state.value].format(number=publication.id))
    return 0


def _item(text: str) -> "Item":
    from bot.studio.items import InvalidItem, Item

    try:
        return Item.of(text)
    except InvalidItem as error:
        raise InvalidItem(f"{text!r} is no item: {error} Items are named as `content list` prints them.") from error


def _of_yaml(text: str) -> "ItemValue | None":
    import yaml

    try:
        found: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        print(f"This is no YAML{f' (line {place.line + 1})' if place else ''}.", file=sys.stderr)
        return None
    if found is None:
        print("There is nothing in it.", file=sys.stderr)
    return found  # type: ignore[no-any-return]


def _as_yaml(value: Any) -> str:
    import yaml

    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def _one_line(value: Any) -> str:
    """The words of an item, in one line."""
    first = value[0] if isinstance(value, list) else value.get("title", "")
    words = first.get("text", "") if isinstance(first, dict) else first
    return " ".join(str(words).split())


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _count(draft: "Draft") -> str:
    return "1 change" if len(draft.changes) == 1 else f"{len(draft.changes)} changes"


def _change_values(change: "Change") -> dict[str, Any]:
    return change.to_json()


def _draft_values(draft: "Draft") -> dict[str, Any]:
    from dataclasses import asdict

    changes = [
        {**_change_values(one.change), "by": one.by, "at": one.at, "version": one.version} for one in draft.changes
    ]
    return {**asdict(draft), "changes": changes}


def _publication_values(publication: "Publication") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(publication)


def _print_json(value: Any) -> int:
    from bot.clock import iso

    print(json.dumps(value, indent=2, ensure_ascii=False, default=iso))
    return 0


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


_ACTIONS: dict[str, Callable[["Studio", argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "edit": _edit,
    "add-examples": _add_examples,
    "drafts": _drafts,
    "draft": _draft,
    "diff": _diff,
    "check": _check,
    "resolve": _resolve,
    "undo": _undo,
    "discard": _discard,
    "try": _try,
    "publish": _publish,
    "approve": _approve,
    "reject": _reject,
    "history": _history,
    "patch": _patch,
    "roll-back": _roll_back,
    "update": _update,
}
