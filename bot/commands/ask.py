"""`python -m bot ask "text"`: one question, answered in the terminal by the trained model."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("text", help="the question")
    parser.add_argument("--json", action="store_true", help="the decision and its reasons as JSON")
    parser.add_argument("--model", type=Path, help="model archive (default: the newest)")


def run(args: argparse.Namespace) -> int:
    """Answer and print; 2 for no question, and for no model."""
    from bot.commands.models import wanted_understanding
    from bot.nlu.standalone import NoModel

    if not args.text.strip():
        print("Please give a question.", file=sys.stderr)
        return 2
    try:
        understanding = wanted_understanding(args.model)
    except NoModel as error:
        print(error, file=sys.stderr)
        return 2
    reply = answer(understanding.parse(args.text), {**_domain_responses(), **understanding.responses})
    print(json.dumps(reply, indent=2, ensure_ascii=False) if args.json else _as_text(reply))
    return 0


def answer(parsed: dict[str, Any], responses: dict[str, Any]) -> dict[str, Any]:
    """What the assistant would say to a parsed message.

    Args:
        parsed: parse data as the NLU gives it.
        responses: all responses by name.
    """
    from bot.content.markdown import resolve_links, to_plain_text
    from bot.settings import Settings

    links = Settings.load().links
    names = _utterances(parsed)
    texts = [to_plain_text(resolve_links(_text(responses.get(name)), links)) for name in names]
    offered = [_title(responses, c["label"]) for c in parsed["candidates"]]
    return {
        "text": parsed["text"],
        "decision": _kind(parsed),
        "intent": parsed["intent"]["name"],
        "confidence": round(parsed["intent"]["confidence"], 4),
        "labels": [name.removeprefix("utter_") for name in names],
        "answers": texts,
        "offered": [c["label"] for c in parsed["candidates"]],
        "buttons": offered,
        "ranking": parsed["intent_ranking"],
    }


def _kind(parsed: dict[str, Any]) -> str:
    intent = parsed["intent"]["name"]
    return {"nlu_fallback": "clarify", "ambiguous": "clarify", "out_of_scope": "decline"}.get(intent, "answer")


def _utterances(parsed: dict[str, Any]) -> list[str]:
    intent = parsed["intent"]["name"]
    if parsed["questions"]:
        return [f"utter_{q['label']}" for q in parsed["questions"]]
    if intent in parsed["response_selector"]:
        return [parsed["response_selector"][intent]["response"]["utter_action"]]
    return [] if intent == "nlu_fallback" else [f"utter_{intent}"]


def _text(variants: Any) -> str:
    plain = [v for v in variants or [] if not v.get("channel")]
    return plain[0].get("text", "") if plain else ""


def _title(responses: dict[str, Any], label: str) -> str:
    variants = responses.get(f"utter_{label}") or [{}]
    return (variants[0].get("metadata") or {}).get("title", label)


def _domain_responses() -> dict[str, Any]:
    path = Path("domain.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8")).get("responses", {}) if path.is_file() else {}


def _as_text(reply: dict[str, Any]) -> str:
    body = "\n\n".join(reply["answers"])
    if reply["decision"] == "clarify" and reply["buttons"]:
        body = "\n".join([body, "Did you mean:", *(f"  - {title}" for title in reply["buttons"])]).strip()
    return (
        f"{body}\n\n[{reply['decision']}: {', '.join(reply['labels']) or reply['intent']}, {reply['confidence']:.2f}]"
    )
