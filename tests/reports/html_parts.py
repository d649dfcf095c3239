"""What of a page acts, and the text that it shows."""

from __future__ import annotations

from html.parser import HTMLParser

RUNS_OR_LOADS = frozenset("script link img iframe object embed form base audio video source image".split())  # noqa: SIM905
VOID = frozenset("meta input br hr img rect path use".split())  # noqa: SIM905


class Parts(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data

    @property
    def active(self) -> list[object]:
        """Whatever runs, loads or leads away from the file's own neighbours."""
        found: list[object] = [tag for tag in self.tags if tag in RUNS_OR_LOADS]
        for tag, name, value in self.attributes:
            if name.startswith("on") or name in ("src", "srcdoc", "action", "formaction"):
                found.append((tag, name, value))
            if name in ("href", "xlink:href") and (":" in value or value.startswith("//")):
                found.append((tag, name, value))
            if name == "style" and "url(" in value.replace("url(#", ""):
                found.append((tag, name, value))
        return found

    def values(self, tag: str, name: str) -> list[str]:
        """Every value of an attribute of a tag."""
        return [value for its, key, value in self.attributes if (its, key) == (tag, name)]
