"""Signed addresses: the recipient of an answer names its ticket, and nobody can make one up."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

LENGTH = 16  # characters of base 32, 80 bits


@dataclass(frozen=True)
class TicketAddresses:
    """Makes and reads `tickets+crt-2026-00012.<signature>@help.example.com`; small letters, as some servers make them.

    Args:
        secret: of the site.
        address: where answers are received; its server must deliver `name+anything@` to `name@`.
        accepted: former keys of the site, whose addresses stay good.
    """

    secret: str = field(repr=False)
    address: str
    accepted: tuple[str, ...] = field(default=(), repr=False)

    def of(self, reference: str) -> str:
        """The address of a ticket."""
        name, domain = self.address.split("@")
        return f"{name}+{reference.lower()}.{self._signature(reference)}@{domain}"

    def reference(self, recipient: str) -> str | None:
        """The ticket that a recipient names; None when it is no such address, or the signature is not ours."""
        name, domain = self.address.lower().split("@")
        form = rf"{re.escape(name)}\+(crt-[0-9]{{4}}-[0-9]{{5,9}})\.([a-z2-7]{{{LENGTH}}})@{re.escape(domain)}"
        match = re.fullmatch(form, recipient.strip().lower(), re.ASCII)
        if match is None or not self._ours(match[1], match[2]):
            return None
        return match[1].upper()

    def _ours(self, reference: str, signature: str) -> bool:
        keys = (self.secret, *self.accepted)
        return any([hmac.compare_digest(self._signature(reference, key), signature) for key in keys])

    def _signature(self, reference: str, key: str = "") -> str:
        signed = f"ticket address {reference.lower()}".encode()
        digest = hmac.digest((key or self.secret).encode(), signed, hashlib.sha256)
        return base64.b32encode(digest).decode("ascii").lower()[:LENGTH]
