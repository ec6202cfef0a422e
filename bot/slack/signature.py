"""Whether a request comes from Slack, told before anything in it is read."""

import re

from slack_sdk.signature import SignatureVerifier


def is_slacks(secret: str, body: bytes, timestamp: str, signature: str) -> bool:
    """Whether Slack has signed a request within the last five minutes; nothing that a stranger sends raises.

    Args:
        secret: SLACK_SIGNING_SECRET.
        body: as it came.
        timestamp: of the header X-Slack-Request-Timestamp.
        signature: of the header X-Slack-Signature.
    """
    if not re.fullmatch("[0-9]{1,12}", timestamp) or not signature.isascii():
        return False
    try:
        return SignatureVerifier(secret).is_valid(body, timestamp, signature)
    except UnicodeDecodeError:  # Slack sends UTF-8
        return False
