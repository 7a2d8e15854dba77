"""Contrast of the colours, computed from tokens.css as a browser does (interface 8.1): 4.5:1 for text, 3:1 else."""

import math
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CSS = Path(__file__).resolve().parent.parent / "static/css"
TOKENS = (CSS / "tokens.css").read_text()
GROUNDS = ("bg", "surface", "raised", "sunken", "bubble", "action-soft")
TEXTS = [
    *[(ink, ground) for ink in ("text", "text-2", "text-3") for ground in GROUNDS],
    *[("action-text", ground) for ground in GROUNDS],
    *[
        (f"{kind}-text", ground)
        for kind in ("credit", "ok", "warn", "danger")
        for ground in ("bg", "surface", "raised")
    ],
    *[(f"{kind}-text", f"{kind}-soft") for kind in ("credit", "ok", "warn", "danger")],
    ("text", "credit-soft"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-action", "danger"),
    ("on-inverse", "inverse"),
    ("inverse-action", "inverse"),
    ("on-stage", "stage"),
]
MARKS = [
    *[("edge", ground) for ground in ("bg", "surface", "raised")],
    *[("focus", ground) for ground in ("bg", "surface", "raised", "sunken")],
    *[(f"chart-{n}", "surface") for n in range(1, 6)],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_can_be_read_on_its_ground(ink: str, ground: str, theme: str) -> None:
    assert contrast(colour(ink, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_a_mark_stands_out_from_its_ground(mark: str, ground: str, theme: str) -> None:
    assert contrast(colour(mark, theme), colour(ground, theme)) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_initials_can_be_read_on_every_avatar(theme: str) -> None:
    css = (CSS / "components/avatar.css").read_text()
    ground, ink = (
        re.search(rf"{name}: light-dark\((.*?\)\)), (.*?\)\))\)", css).group(1 if theme == "light" else 2)  # type: ignore[union-attr]
        for name in ("background", r" color")
    )
    hues = re.findall(r'data-hue="\d"\] \{ --_h: (\d+)', css)
    assert len(hues) == 8
    for hue in hues:
        assert (
            contrast(
                parse(ink.replace("var(--_h)", hue)),
                parse(ground.replace("var(--_h)", hue)),
            )
            >= 4.5
        )


def test_colours_are_written_in_two_places_only() -> None:
    literal = re.compile(r"oklch\(|#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(")
    allowed = {"tokens.css", "avatar.css"}
    for sheet in CSS.rglob("*.css"):
        # The veil behind a dialog and the white under a QR code mean no colour of ours.
        code = sheet.read_text().replace("oklch(0 0 0 / .4)", "").replace("oklch(1 0 0)", "")
        assert sheet.name in allowed or not literal.search(code), sheet


def test_sheets_are_small_and_use_no_force() -> None:
    for sheet in CSS.rglob("*.css"):
        assert "!important" not in sheet.read_text(), sheet
        assert sheet.name == "admin.css" or len(sheet.read_text().splitlines()) <= 150, sheet


# --- CSS Color 4: OKLCH to sRGB, and WCAG's contrast ------------------------------------------------


def colour(token: str, theme: str) -> tuple[float, float, float]:
    value = re.search(rf"--{token}: (.+?);", TOKENS).group(1)  # type: ignore[union-attr]
    if both := re.fullmatch(r"light-dark\((.+\)|[^,]+), (.+)\)", value):
        value = both.group(1 if theme == "light" else 2)
    if reference := re.fullmatch(r"var\(--([a-z0-9-]+)\)", value):
        return colour(reference.group(1), theme)
    return parse(value)


def parse(oklch: str) -> tuple[float, float, float]:
    lightness, chroma, hue = (float(part) for part in re.findall(r"[\d.]+", oklch)[:3])
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        clip(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        clip(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        clip(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def clip(channel: float) -> float:
    return min(1.0, max(0.0, channel))


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(linear: tuple[float, float, float]) -> float:
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
