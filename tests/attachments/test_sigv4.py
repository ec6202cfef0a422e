"""The examples that AWS publishes for signatures."""

import datetime
import hashlib

import pytest

from bot.attachments.sigv4 import AccessKey, path_of, query_of, signed, signing_key

SECRET_OF_THE_EXAMPLES = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY = AccessKey("AKIAIOSFODNN7EXAMPLE", SECRET_OF_THE_EXAMPLES, "us-east-1")
HOST = {"Host": "examplebucket.s3.amazonaws.com"}
AT = datetime.datetime(2013, 5, 24, tzinfo=datetime.timezone.utc)
STORED = {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}


@pytest.mark.parametrize(
    ("method", "name", "parameters", "headers", "content", "signature"),
    [
        (
            "GET",
            "test.txt",
            {},
            {"Range": "bytes=0-9"},
            b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "test$file.text",
            {},
            STORED,
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        ("GET", "", {"lifecycle": ""}, {}, b"", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "GET",
            "",
            {"prefix": "J", "max-keys": "2"},
            {},
            b"",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["get", "put", "lifecycle", "list"],
)
def test_requests_are_signed_as_aws_does(method, name, parameters, headers, content, signature):
    digest = hashlib.sha256(content).hexdigest()
    sent = signed(KEY, method, path_of(name), query_of(parameters), {**HOST, **headers}, digest, AT)
    assert sent["Authorization"].endswith(f"Signature={signature}")
    assert sent["Authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
    )


@pytest.mark.parametrize(
    ("day", "made"),
    [
        ("20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"),
        ("20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"),
    ],
)
def test_keys_are_made_as_aws_does(day, made):
    secret = SECRET_OF_THE_EXAMPLES.replace("G/b", "G+b")  # these examples have another one
    assert signing_key(secret, day, "us-east-1", "iam").hex() == made


def test_paths_and_queries_are_spelt_as_they_are_signed():
    assert path_of("bucket", "a b+c/ü~*'") == "/bucket/a%20b%2Bc/%C3%BC~%2A%27"
    assert query_of({"prefix": "a/b c", "list-type": "2", "e": ""}) == "e=&list-type=2&prefix=a%2Fb%20c"


def test_the_time_is_sent_in_utc_and_the_secret_is_shown_nowhere():
    east = AT.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    sent = signed(KEY, "GET", "/", "", HOST, hashlib.sha256().hexdigest(), east)
    assert sent["x-amz-date"] == "20130524T000000Z"
    assert SECRET_OF_THE_EXAMPLES not in f"{sent}{KEY}" and KEY.id not in repr(KEY)
