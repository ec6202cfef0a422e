"""The description of the API holds: what it names exists, what exists it names, and odd requests get its answers."""

import json
import uuid

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.site.app import create_app
from bot.site.description import description
from bot.site.limits import LIMITS
from tests.site.conftest import path_of

DESCRIBED = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")
FREE = {name: "1000000/minute" for name in LIMITS}
QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(["text", "payload", "id", "identity_token", "helpful", "comment", "email", "about", "extra"])
bodies = st.dictionaries(fields, values | st.text(min_size=1), max_size=4).map(json.dumps) | values.map(json.dumps)
odd = bodies.map(str.encode) | st.binary(max_size=300)


def test_it_names_what_there_is(app, client):
    there = {
        (method, path_of(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(DESCRIBED)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = client.get("/openapi.json").get_json()["paths"]
    assert {(method.upper(), path) for path, methods in told.items() for method in methods} == there


def test_its_schemas_and_references_are_whole():
    def visit(value):
        if isinstance(value, dict):
            if "$ref" in value:
                found = description()
                for name in value["$ref"].removeprefix("#/").split("/"):
                    found = found[name]
            for schema in [value["schema"]] if "schema" in value else []:
                jsonschema.Draft202012Validator.check_schema(schema)
            [visit(one) for one in value.values()]
        elif isinstance(value, list):
            [visit(one) for one in value]

    visit(description())
    for schema in description()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [one["operationId"] for path in description()["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))


@pytest.fixture()
def chat(services):
    """A conversation without limits."""
    client = create_app(services, FREE).test_client()
    assert client.post("/api/conversations").status_code == 201
    return client


def foreseen(answer):
    assert answer.status_code < 500, answer.get_data(as_text=True)


@QUICKLY
@given(body=odd, kind=st.sampled_from(["application/json", "application/json; charset=utf-16", "text/plain"]))
def test_whatever_is_said_gets_an_answer_that_is_described(chat, body, kind):
    foreseen(chat.post("/api/messages", data=body, content_type=kind))


@QUICKLY
@given(body=odd)
def test_whatever_a_conversation_begins_with(chat, body):
    foreseen(chat.post("/api/conversations", data=body, content_type="application/json"))


@QUICKLY
@given(body=odd, name=st.uuids() | st.text(max_size=40))
def test_whatever_is_rated(chat, body, name):
    foreseen(chat.post(f"/api/messages/{name}/feedback", data=body, content_type="application/json"))


@QUICKLY
@given(after=st.uuids().map(str) | st.text(), cookie=st.text(st.characters(codec="ascii")), token=st.text())
def test_whatever_is_asked_for(chat, after, cookie, token):
    foreseen(chat.get("/api/messages", query_string={"after": after}))
    printable = "".join(c for c in token if c.isprintable() and ord(c) < 256)
    foreseen(chat.get("/api/messages", headers={"Authorization": f"Bearer {printable}"}))
    foreseen(chat.get("/api/messages", headers={"Cookie": f"conversation={cookie!r}"}))


def test_a_rating_of_a_real_answer_is_kept_whatever_the_comment(chat):
    answer = chat.post("/api/messages", json={"text": "hi", "id": str(uuid.uuid4())}).get_json()["messages"][-1]
    for comment in (None, "", "x" * 5000, "\u0000", "😀", "\ud800"):
        body = json.dumps({"helpful": False, "comment": comment})
        rated = chat.post(f"/api/messages/{answer['id']}/feedback", data=body, content_type="application/json")
        assert rated.status_code == 204
