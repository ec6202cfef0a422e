"""What each site of a test would compile anew, templates and addresses, is compiled once a process: it costs most."""

from typing import Any

import flask
import jinja2
from werkzeug.routing.rules import Rule


class _Templates(jinja2.BytecodeCache):
    """By name and text of a template, so a changed one is compiled."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Any) -> None:
        found = self._kept.get(bucket.key + bucket.checksum)
        if found:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Any) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def keep() -> None:
    """From now on, for all applications of this process."""
    flask.Flask.jinja_options = {"bytecode_cache": _Templates()}
    compile_builder, kept = Rule._compile_builder, {}

    def kept_builder(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (*rule._trace, append_unknown)  # the parts of its path: all that a function which builds it is made of
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = kept_builder  # type: ignore[method-assign]
