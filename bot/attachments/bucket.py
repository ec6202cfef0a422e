"""Which bucket of which S3-compatible store ATTACHMENTS_URL names, and with which key it is used."""

import re
import ssl
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.attachments.sigv4 import AccessKey
from bot.certificates import of_file, trusted
from bot.errors import InvalidSetting

USUAL_REGION = "us-east-1"  # what stores without regions take
LONGEST_PREFIX = 200  # characters
NO_ADDRESS = "ATTACHMENTS_URL cannot be read: check its port, and write @ : / ? # % in its key and secret as %.."
FORM = "ATTACHMENTS_URL must be such as s3://KEY:SECRET@host/bucket/prefix?region=eu-central-1, or folder:PATH."


@dataclass(frozen=True)
class Bucket:
    """Where the contents lie. The bucket is part of the path, which all stores take, not of the host's name."""

    origin: str
    host: str  # as the header Host has it
    name: str
    prefix: str  # "" or with a slash at its end
    key: AccessKey
    ca: str | None = None

    @classmethod
    def parse(cls, url: str) -> "Bucket":
        """Read s3://KEY:SECRET@host:9000/bucket/prefix?region=…; raises InvalidSetting, which repeats no part of it."""
        try:
            parts = urlsplit(url)
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise InvalidSetting(NO_ADDRESS) from None  # its text may quote a part of the secret
        name, _, prefix = unquote(parts.path.strip("/")).partition("/")
        user, secret = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme != "s3" or parts.fragment or not host or not name or not user or not secret:
            raise InvalidSetting(FORM)
        if set(options) - {"region", "tls", "ca"} or options.get("tls", "1") not in ("0", "1"):
            raise InvalidSetting("ATTACHMENTS_URL takes region=, tls=0 (or 1) and ca=FILE after ?, nothing else.")
        if not re.fullmatch("[!-~]+", user + secret) or not re.fullmatch("[a-z0-9-]{1,40}", _region(options)):
            raise InvalidSetting("Key, secret and region in ATTACHMENTS_URL must be ASCII, the region small letters.")
        if not re.fullmatch("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or not _is_prefix(prefix):
            raise InvalidSetting("Bucket or prefix in ATTACHMENTS_URL are none that a store takes.")
        address = f"[{host}]" if ":" in host else host
        address += f":{port}" if port else ""
        return cls(
            origin=f"{'http' if options.get('tls') == '0' else 'https'}://{address}",
            host=address,
            name=name,
            prefix=f"{prefix}/" if prefix else "",
            key=AccessKey(user, secret, _region(options)),
            ca=options.get("ca"),
        )

    def context(self) -> ssl.SSLContext:
        """Verifies certificate and host name, against the usual authorities or our own file; raises InvalidSetting."""
        return trusted() if self.ca is None else of_file(self.ca, "ATTACHMENTS_URL")


def _region(options: dict[str, str]) -> str:
    return options.get("region", USUAL_REGION)


def _is_prefix(prefix: str) -> bool:
    """Whether a prefix stays what it is on its way: no part is empty or made of dots, which proxies take away."""
    named = all(part.strip(".") for part in prefix.split("/")) if prefix else True
    return named and prefix.isprintable() and len(prefix) <= LONGEST_PREFIX
