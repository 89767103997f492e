"""What a browser would make of a page: its elements, its links, the text of its scripts."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKING = {"href", "src"}


@dataclass
class HtmlPage(HTMLParser):
    path: Path
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_script = False
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self) -> list[str]:
        return [value or "" for _, attributes in self.elements for name, value in attributes.items() if name in LINKING]

    def handlers(self) -> list[str]:
        return [name for _, attributes in self.elements for name in attributes if name.startswith("on")]

    def broken_links(self) -> list[str]:
        """Links to files that are not there; those to the web are not looked at."""
        return [link for link in self.links() if not self._is_good(link)]

    def _is_good(self, link: str) -> bool:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https") or link == "data:,":
            return True
        return not parts.scheme and (not parts.path or (self.path.parent / unquote(parts.path)).is_file())
