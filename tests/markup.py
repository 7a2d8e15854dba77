"""Reads a page as a browser does and names what the content policy would stop, and what it would not."""

from html.parser import HTMLParser

# What may lead anywhere: only pages, and addresses of this site or of a web page.
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "hx-get", "hx-post"}
UNSAFE = ("javascript:", "data:text", "vbscript:")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style":
            self.faults.append("<style>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("<script> inline")
        if tag in ("iframe", "object", "embed", "base", "applet"):
            self.faults.append(f"<{tag}>")
        self.faults += [f'{tag} {name}="{value}"' for name, value in attrs if _is_unsafe(name, value or "")]


def _is_unsafe(name: str, value: str) -> bool:
    if name == "style" or name.startswith("on"):
        return True
    target = "".join(value.split()).lower()
    is_elsewhere = name in {"src", "action", "formaction"} and target.startswith(("http:", "https:", "//"))
    return name in ADDRESSES and (target.startswith(UNSAFE) or is_elsewhere)


def faults(page: str) -> list[str]:
    """Inline styles, scripts and handlers, frames, scripts as addresses, and what is loaded from elsewhere."""
    reader = _Reader()
    reader.feed(page)
    return reader.faults
