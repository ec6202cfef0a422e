"""Half of the requests name a message that exists, so that they get further than "unknown"."""

import os

import schemathesis

REAL = os.environ["FUZZ_MESSAGE_ID"]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "message_id" in path_parameters and hash(str(path_parameters["message_id"])) % 2:
        path_parameters["message_id"] = REAL
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    if query and "after" in query and hash(str(query["after"])) % 2:
        query["after"] = REAL
    return query
