"""Every answer that a test of the site provokes must be one that the description of the API foresees."""

import datetime
import re
import threading

import jsonschema
import pytest
from flask import request, request_finished

from bot.site.description import description

UNDESCRIBED = ("HEAD", "OPTIONS")
FORMATS = jsonschema.FormatChecker(["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value):
    return not isinstance(value, str) or datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo


def path_of(rule):
    """`/a/<uuid:b>` as the description writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def resolved(value):
    """The value, or what it refers to."""
    while isinstance(value, dict) and "$ref" in value:
        found = description()
        for name in value["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        value = found
    return value


def problems(method, path, response):
    """What about an answer is not as described."""
    operation = description()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return [f"{method} {path} is not described"]
    foreseen = resolved(operation["responses"].get(str(response.status_code)))
    if foreseen is None:
        return [f"{method} {path}: {response.status_code} is not described"]
    wrong = [f"no {name}" for name in foreseen.get("headers", {}) if name not in response.headers]
    content = foreseen.get("content", {})
    if content and response.mimetype not in content:
        wrong.append(f"is {response.mimetype}")
    elif response.mimetype == "application/json":
        schema = {**content["application/json"]["schema"], "components": description()["components"]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
        wrong += [error.message for error in validator.iter_errors(response.get_json())]
    elif not content and response.get_data():
        wrong.append("has a body")
    return [f"{method} {path}: {response.status_code} {one}" for one in wrong]


@pytest.fixture(autouse=True)
def as_described():
    found, guard = [], threading.Lock()

    def check(sender, response, **extra):
        rule = request.url_rule
        told = rule and rule.rule.startswith(("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json"))
        meant = response.status_code < 500 or response.status_code == 503  # tests of a 500 bring it about themselves
        if told and meant and request.method not in UNDESCRIBED:
            with guard:
                found.extend(problems(request.method, path_of(rule.rule), response))

    request_finished.connect(check)
    yield
    request_finished.disconnect(check)
    assert found == []
