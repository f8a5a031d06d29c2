"""An answer: a page that fetches nothing, runs nothing, is kept nowhere and stands in no other page."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.responses import HTMLResponse, Response


@cache
def style() -> str:
    """The look of the published pages, which is the family's, and what forms need besides."""
    family = files("application.publishing").joinpath("templates/page.css").read_text(encoding="utf-8")
    return family + files("web").joinpath("templates/web.css").read_text(encoding="utf-8")


@cache
def headers(css: str | None = None) -> dict[str, str]:
    """What every answer says of itself: with this style, or our own where it says none. No cookie is ever set."""
    ours = b64encode(sha256((style() if css is None else css).encode()).digest()).decode()
    policy = [
        "default-src 'none'",
        f"style-src 'sha256-{ours}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return {
        "content-security-policy": "; ".join(policy),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }


def page(html: str, status: int = 200, css: str | None = None) -> Response:
    return HTMLResponse(html, status, headers(css))
