"""Who may use the site from where: security headers, other origins (CORS), forged requests (CSRF)."""

from urllib.parse import urlsplit

from flask import Response, current_app, request

from bot.site.errors import Refused

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
OWN = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
PAGE_POLICY = "; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'"
FOR_ANYONE = ("/widget.js", "/static/")  # what an embedded widget loads
CORS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def answer_preflight() -> Response | None:
    """What browsers ask before they send JSON to another origin."""
    if request.method != "OPTIONS" or not request.path.startswith("/api/"):
        return None
    answer = Response(status=204)
    if _is_allowed(request.headers.get("Origin")):
        answer.headers.update(CORS)
    return answer


def refuse_forged() -> None:
    """Raises Refused (403) when the browser says that another site makes it change something here.

    Programs that are no browsers send neither header, and have no cookies of ours to misuse.
    """
    if request.method not in CHANGING:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = site in ("cross-site", "same-site") if origin is None else not _is_own(origin)
    if foreign and not (request.path.startswith("/api/") and _is_allowed(origin)):
        raise Refused(403, "forbidden_origin", "This site may not be used from there.")


def add_security_headers(response: Response) -> Response:
    """The same strict headers on every answer; what a page may be framed by depends on its part of the site."""
    headers = response.headers
    for name, value in FIXED.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _policy())
    anyone = request.path.startswith(FOR_ANYONE)
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if anyone else "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
        _add_cors(response)
    elif anyone:
        headers.setdefault("Access-Control-Allow-Origin", "*")
    return response


def _policy() -> str:
    if request.path.startswith("/api/"):
        return OWN + "'none'"
    if request.path.startswith("/console"):
        return OWN + "'none'" + PAGE_POLICY
    return OWN + " ".join(["'self'", *_allowed()]) + PAGE_POLICY


def _add_cors(response: Response) -> None:
    """Without credentials: a widget on another origin shows its token, never a cookie."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin and _is_allowed(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-ID"


def _is_own(origin: str) -> bool:
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:  # no address at all, such as http://[
        return False


def _is_allowed(origin: str | None) -> bool:
    return origin in _allowed()


def _allowed() -> tuple[str, ...]:
    found: tuple[str, ...] = current_app.extensions["services"].settings.allowed_origins
    return found
