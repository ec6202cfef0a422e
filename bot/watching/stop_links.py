"""The link in every mail that ends all watches of its address: signed, so that it needs no sign-in."""

import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from bot.errors import InvalidToken


class StopLinks:
    """Makes and reads the links; they hold no address, and never expire."""

    def __init__(self, secret: str, site: str) -> None:
        """`secret` is the site's secret key, `site` its address."""
        self._secret, self._site = secret.encode(), site
        self._tokens = URLSafeSerializer(secret, salt="stop watching")

    def of(self, email: str) -> str:
        """The link for an address."""
        return f"{self._site}/watches/stop/{self._tokens.dumps(self.address_hash(email))}"

    def address_hash(self, email: str) -> str:
        """What stands for an address in its link; without the secret nobody can tell which it is."""
        return hmac.new(self._secret, f"watch {email}".encode(), hashlib.sha256).hexdigest()

    def read(self, token: str) -> str:
        """The `address_hash` of a link; raises InvalidToken for a forged one."""
        try:
            return str(self._tokens.loads(token))
        except BadSignature as error:
            raise InvalidToken("the link is not ours") from error
