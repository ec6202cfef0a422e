"""The link in every mail that ends all watches of its address: signed, so that it needs no sign-in."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from itsdangerous import BadSignature, URLSafeSerializer

from bot.errors import InvalidToken


class StopLinks:
    """Makes and reads the links; they hold no address, and never expire."""

    def __init__(self, secret: str, site: str, accepted: Sequence[str] = ()) -> None:
        """`secret` is the site's secret key, `site` its address; links of the keys in `accepted` are good as well."""
        self._secret, self._site, self._accepted = secret, site, accepted
        self._tokens = URLSafeSerializer([*accepted, secret], salt="stop watching")  # the last one signs

    def of(self, email: str) -> str:
        """The link for an address."""
        return f"{self._site}/watches/stop/{self._tokens.dumps(self.address_hash(email))}"

    def address_hash(self, email: str) -> str:
        """What stands for an address in its link; without the secret nobody can tell which it is."""
        return _hashed(self._secret, email)

    def meant(self, hashed: str, emails: Iterable[str]) -> list[str]:
        """The addresses that an `address_hash` stands for; while keys are changed, it may be of either key."""
        keys = (self._secret, *self._accepted)
        return [email for email in emails if any(_hashed(key, email) == hashed for key in keys)]

    @property
    def of_several_keys(self) -> bool:
        """Whether links may be signed with another key than those that are made."""
        return bool(self._accepted)

    def read(self, token: str) -> str:
        """The `address_hash` of a link; raises InvalidToken for a forged one."""
        try:
            return str(self._tokens.loads(token))
        except BadSignature as error:
            raise InvalidToken("the link is not ours") from error


def _hashed(secret: str, email: str) -> str:
    return hmac.new(secret.encode(), f"watch {email}".encode(), hashlib.sha256).hexdigest()
