"""The address of LinkedIn's "add to profile" form, filled in from a badge."""

from urllib.parse import quote, urlencode, urlsplit

from bot.issuance.record import Diagnosis, Stage

ADD_TO_PROFILE_FORM = "https://www.linkedin.com/profile/add"
_SHOWN = (Stage.ACCEPTED, Stage.EXPIRES_SOON)


def add_to_profile_url(diagnosis: Diagnosis) -> str:
    """The form with what the record has of name, issuer, months of issue and expiry, address and id of the badge.

    "" unless the badge is accepted, valid, and has a public address, which LinkedIn shows to be verified.
    """
    if diagnosis.stage not in _SHOWN or not is_web_address(diagnosis.badge_url):
        return ""
    issued, expires = diagnosis.issued_on, diagnosis.expires_on
    parts = {
        "startTask": "CERTIFICATION_NAME",
        "name": diagnosis.title,
        "organizationName": diagnosis.issuer,
        "issueYear": issued and issued.year,
        "issueMonth": issued and issued.month,
        "expirationYear": expires and expires.year,
        "expirationMonth": expires and expires.month,
        "certUrl": diagnosis.badge_url,
        "certId": diagnosis.badge_id,
    }
    known = {name: part for name, part in parts.items() if part}
    return f"{ADD_TO_PROFILE_FORM}?{urlencode(known, quote_via=quote, safe='')}"


def is_web_address(url: str) -> bool:
    """Whether it is an http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
