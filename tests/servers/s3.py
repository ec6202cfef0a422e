"""A store on loopback that speaks S3 as far as we use it, verifies each signature, and fails on request.

It works signatures out from the bytes that came, by AWS's description and without our own code.
"""

import datetime
import hashlib
import hmac
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from email.utils import formatdate
from typing import NamedTuple
from xml.sax.saxutils import escape

from tests.servers.quiet_http import QuietHandler, QuietServer

PER_PAGE = 3
MOST_SKEW = datetime.timedelta(minutes=15)
UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?"
    r"Signature=([0-9a-f]{64})"
)


class Kept(NamedTuple):
    """One object."""

    content: bytes
    at: datetime.datetime


class S3Server:
    """One bucket; `objects` by name, `requests` is the log of methods and targets. `certificate` as of authority.py."""

    def __init__(self, key="AKIDTEST", secret="a/secret+of=tests", region="eu-test-1", bucket="files", certificate=()):
        self.key, self.secret, self.region, self.bucket = key, secret, region, bucket
        self.objects, self.requests, self.rights = {}, [], {"GET", "PUT", "DELETE", "LIST"}
        self._plan, self.released = [], threading.Event()
        self.server = QuietServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": self}))
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, *, secret="", bucket="", prefix="", options="tls=0", region=""):
        """What ATTACHMENTS_URL would be."""
        secret, region = _encoded((secret or self.secret).encode(), b""), region or self.region
        path = _encoded(f"{bucket or self.bucket}{prefix and '/'}{prefix}".encode(), b"/")
        return f"s3://{self.key}:{secret}@127.0.0.1:{self.port}/{path}?region={region}{options and '&'}{options}"

    def fail(self, status, code="", times=1):
        """Refuse the next requests in the store's own words."""
        self._plan += [lambda handler: handler.refuse(status, code)] * times

    def answer(self, body, times=1):
        """Answer 200 with something else."""
        self._plan += [lambda handler: handler.reply(200, body)] * times

    def truncate(self, times=1):
        """Close the connection in the middle of the answer."""
        self._plan += [lambda handler: handler.reply(200, b"half", {"Content-Length": "500"}, cut=True)] * times

    def until_closed(self, times=1):
        """Answer without a length, as old servers do, and close."""
        self._plan += [lambda handler: handler.reply(200, b"half", {"Content-Length": None}, cut=True)] * times

    def drop(self, times=1):
        """Close the connection without an answer."""
        self._plan += [lambda handler: handler.cut()] * times

    def lose_answer(self):
        """Do what is asked, and close the connection before the answer."""
        self._plan += [lambda handler: handler.do_unheard()]

    def trickle(self, times=1):
        """Send a byte now and then."""
        self._plan += [lambda handler: handler.trickle()] * times

    def trickle_head(self, line, times=1):
        """Send the beginning of an answer, line by line, and never come to its end."""
        self._plan += [lambda handler: handler.trickle_head(line)] * times

    def hang(self, times=1):
        """Give no answer until the end of the test."""
        self._plan += [lambda handler: self.released.wait()] * times

    def close(self):
        """Stop; whatever hangs is let go."""
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def planned(self, method, target):
        """Log a request and return the misbehaviour for it, if any."""
        self.requests.append((method, target))
        return self._plan.pop(0) if self._plan else None


class _Handler(QuietHandler):
    def do_GET(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        misbehave = self.store.planned(self.command, self.path)
        with suppress(ConnectionError, ssl.SSLError):
            misbehave(self) if misbehave else self.obey()

    do_PUT = do_DELETE = do_POST = do_HEAD = do_GET

    def obey(self):
        path, _, query = self.path.partition("?")
        if refusal := self._refusal(path, query):
            return self.refuse(*refusal)
        bucket, _, name = _decoded(path[1:].encode()).decode().partition("/")
        if bucket != self.store.bucket:
            return self.refuse(404, "NoSuchBucket")
        act = self.command if name else "LIST"
        if act not in self.store.rights:
            return self.refuse(403, "AccessDenied")
        return {"GET": self._get, "PUT": self._put, "DELETE": self._delete, "LIST": self._list}[act](name, query)

    def _get(self, name, query):
        if name in self.store.objects:
            return self.reply(200, self.store.objects[name].content)
        return self.refuse(*(404, "NoSuchKey") if "LIST" in self.store.rights else (403, "AccessDenied"))

    def _put(self, name, query):
        self.store.objects[name] = Kept(self.body, datetime.datetime.now(datetime.timezone.utc))
        self.reply(200, b"", {"ETag": f'"{hashlib.md5(self.body).hexdigest()}"'})

    def _delete(self, name, query):
        self.store.objects.pop(name, None)
        self.reply(204, b"")

    def _list(self, name, query):
        asked = {_decoded(n).decode(): _decoded(v).decode() for n, v in _pairs(query)}
        assert self.command == "GET" and asked["list-type"] == "2"
        after = asked.get("continuation-token", "").removesuffix("+/=")
        found = sorted(n for n in self.store.objects if n.startswith(asked.get("prefix", "")) and n > after)
        page, more = found[:PER_PAGE], len(found) > PER_PAGE
        body = "".join(
            f"<Contents><Key>{escape(n)}</Key><LastModified>{self.store.objects[n].at:%Y-%m-%dT%H:%M:%S}.000Z"
            f"</LastModified><Size>{len(self.store.objects[n].content)}</Size></Contents>"
            for n in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}+/=</NextContinuationToken>" if more else ""
        self.reply(
            200,
            '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{body}</ListBucketResult>".encode(),
        )

    def _refusal(self, path, query):
        """Status and code where the request is not to be believed."""
        found = AUTHORIZATION.fullmatch(self.headers.get("Authorization", ""))
        if not found:
            return 403, "AccessDenied"
        key, day, region, names, signature = found.groups()
        sent, digest = self.headers.get("x-amz-date", ""), self.headers.get("x-amz-content-sha256", "")
        if key != self.store.key:
            return 403, "InvalidAccessKeyId"
        if region != self.store.region or day != sent[:8]:
            return 400, "AuthorizationHeaderMalformed"
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names.split(";")):
            return 403, "AccessDenied"
        moment = datetime.datetime.strptime(sent, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs(datetime.datetime.now(datetime.timezone.utc) - moment) > MOST_SKEW:
            return 403, "RequestTimeTooSkewed"
        if digest != hashlib.sha256(self.body).hexdigest():
            return 400, "XAmzContentSHA256Mismatch"
        if not hmac.compare_digest(signature, self._signature(path, query, names, day, sent, digest)):
            return 403, "SignatureDoesNotMatch"
        return None

    def _signature(self, path, query, names, day, sent, digest):
        pairs = sorted((_encoded(_decoded(n), b""), _encoded(_decoded(v), b"")) for n, v in _pairs(query))
        canonical = [self.command, _encoded(_decoded(path.encode()), b"/"), "&".join(f"{n}={v}" for n, v in pairs)]
        canonical += [f"{name}:{re.sub(' +', ' ', self.headers[name].strip())}" for name in names.split(";")]
        canonical += ["", names, digest]
        hashed = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        key = b"AWS4" + self.store.secret.encode()
        for part in (day, self.store.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"AWS4-HMAC-SHA256\n{sent}\n{day}/{self.store.region}/s3/aws4_request\n{hashed}"
        return hmac.digest(key, text.encode(), "sha256").hex()

    def refuse(self, status, code):
        secrets = f"<AWSAccessKeyId>{self.store.key}</AWSAccessKeyId>"  # real ones tell as much
        body = f"<Error><Code>{code}</Code><Message>No.</Message>{secrets}</Error>" if code else "<h1>No.</h1>"
        self.reply(status, body.encode())

    def reply(self, status, body, headers=None, cut=False):
        self.send_response_only(status)
        for name, value in {"Date": formatdate(usegmt=True), "Content-Length": len(body), **(headers or {})}.items():
            if value is not None and not (status == 204 and name == "Content-Length"):
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
        if cut:
            self.cut()

    def do_unheard(self):
        self.reply = lambda *args, **kwargs: self.cut()
        self.obey()

    def cut(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def trickle_head(self, line):
        end = time.monotonic() + 20
        while not self.store.released.wait(0.05) and time.monotonic() < end:
            self.wfile.write(line)
        self.cut()

    def trickle(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        end = time.monotonic() + 20
        while not self.store.released.wait(0.05) and time.monotonic() < end:
            self.wfile.write(b"x")
        self.cut()


def _pairs(query):
    return [tuple(one.encode().partition(b"=")[::2]) for one in query.split("&")] if query else []


def _decoded(text):
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), text)


def _encoded(text, safe):
    return "".join(chr(one) if one in UNRESERVED + safe else f"%{one:02X}" for one in text)
