"""Serves the description of the API (openapi.yml, written by hand)."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, jsonify

bp = Blueprint("description", __name__)
OPENAPI_FILE = Path(__file__).with_name("openapi.yml")


@bp.get("/openapi.json")
def openapi() -> Response:
    """As OpenAPI 3.1."""
    return jsonify(description())


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The file's content."""
    found: dict[str, Any] = yaml.safe_load(OPENAPI_FILE.read_text(encoding="utf-8"))
    return found
