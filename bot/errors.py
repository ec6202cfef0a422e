"""The errors of the assistant.

BotError
├── InvalidSetting         a setting has a value that cannot be used
├── InvalidToken           a token is forged, malformed or expired
├── AssistantUnavailable   Rasa did not answer in time
└── Refused                a request to the site cannot be accepted; carries HTTP status, code and message
"""


class BotError(Exception):
    """Base of all errors that the assistant raises on purpose."""


class InvalidSetting(BotError):
    """Raised at start; the message names the setting and what it takes."""


class InvalidToken(BotError):
    """Raised by `tokens`; the caller answers 401."""


class AssistantUnavailable(BotError):
    """Raised when Rasa cannot be reached or fails; the person is asked to try again."""


class Refused(BotError):
    """Raised by the site's views; becomes `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep what the answer will say."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
