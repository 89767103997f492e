"""Templates, and what of a catalogue may stand in a page: text as text, links to the web, JSON that ends no script."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parent
ASSETS = "_assets"
_MAX_LINK = 2000
_WEB_LINK = re.compile(r"https?://[^\s<>\"'`\\^{}|\x00-\x20\x7f-\x9f]+", re.IGNORECASE)
# Control characters are no HTML, and direction overrides would turn the text around them about.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def templates() -> Environment:
    """The project's templates: all that is no markup of their own is escaped, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters |= {"web_link": web_link, "facet_label": facet_label, "shortened": shortened}
    return environment


def web_link(address: str | None) -> str | None:
    """The address when it is an http(s) URL, else None: `javascript:` and its kin are text, never links."""
    text = (address or "").strip()
    return text if len(text) <= _MAX_LINK and _WEB_LINK.fullmatch(text) else None


def json_script(text: str) -> Markup:
    """JSON text that may stand in a script element: equal as JSON, and without a `<` nothing in it is markup.

    Escaping `</` alone is not enough: `<!--<script>` would keep the element open.
    """
    return Markup(text.replace("<", "\\u003c"))


def compact_json(value: Any) -> str:
    """JSON in ASCII and without spaces, which is JavaScript too."""
    return json.dumps(value, separators=(",", ":"))


def facet_label(facet: str) -> str:
    """A facet's name as people read it."""
    return facet.replace("_", " ").capitalize()


def shortened(text: str | None, limit: int) -> str:
    """The text on one line of at most so many characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def copy_assets(target: Path, *names: str) -> None:
    """Put style sheets and scripts of ours where pages look for them."""
    (target / ASSETS).mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(FOLDER / "assets" / name, target / ASSETS / name)


def _printable(value: Any) -> Any:
    return _UNPRINTABLE.sub(" ", value) if isinstance(value, str) and not isinstance(value, Markup) else value
