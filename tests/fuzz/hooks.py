"""Half of the requests name what exists and say what can be said, so that they get further than "malformed"."""

import os

import schemathesis

MESSAGE = os.environ["FUZZ_MESSAGE_ID"]
PAYLOAD = "/ambiguous/missing_badge"  # a button of the greeting of tests/servers/rasa.py
USABLE = {"payload": PAYLOAD, "email": "jane@example.com", "about": "my badge is missing"}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return _made_real(path_parameters, {"message_id": MESSAGE})


@schemathesis.hook
def map_query(context, query):
    return _made_real(query, {"after": MESSAGE})


@schemathesis.hook
def map_body(context, body):
    return _made_real(body, USABLE)


def _made_real(given, real):
    """What was generated, with real values in the place of every other text."""
    if not isinstance(given, dict) or len(str(given)) % 2:
        return given
    return {name: real[name] if name in real and isinstance(value, str) else value for name, value in given.items()}
