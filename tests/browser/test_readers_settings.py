"""What readers set for all sites: still pictures, wide text, colours of their own. Nothing may be lost by them."""

import pytest

PAGES = ("/inbox/", "/requests/", "/new/mei-tanaka/", "/credits/", "/plan/", "/settings/reach/")

# WCAG 1.4.12. A sheet of the page's own maker: the policy lets no other in.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
# What is cut without the three dots that say so, or wider than the page.
CUT = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.checkVisibility() && element.textContent.trim())
  // On phones the heads of tables are for screen readers alone.
  .filter((element) => !element.closest(".vh, thead, svg"))
  .filter((element) => {
    const style = getComputedStyle(element);
    const hides = (overflow) => ["hidden", "clip"].includes(overflow);
    const isButton = element.matches(".btn, .badge");
    return (element.scrollWidth > element.clientWidth + 2 && element.clientWidth
        && (isButton || hides(style.overflowX)) && style.textOverflow !== "ellipsis")
      || (element.scrollHeight > element.clientHeight + 2 && hides(style.overflowY) && style.webkitLineClamp === "none"
        && style.textOverflow !== "ellipsis");
  })
  .map((element) => element.outerHTML.slice(0, 120))
  .concat(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["the page"] : [])"""
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  return [style.transitionDuration, style.animationDuration].some((times) =>
    times.split(",").some((time) => parseFloat(time) > 0.001));
}).map((element) => element.outerHTML.slice(0, 120))"""
# By what one sees which of several is the one, and where a button is, when all colours are the reader's.
UNMARKED = """() => {
  const bordered = (style) => parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== "none";
  const buttons = [...document.querySelectorAll(".btn:not(.btn-quiet, .linklike), .badge, .avatar")]
    .filter((element) => element.checkVisibility() && !bordered(getComputedStyle(element)));
  const here = [...document.querySelectorAll("[aria-current]")]
    .filter((element) => element.checkVisibility())
    .filter((element) => !getComputedStyle(element).textDecorationLine.includes("underline"));
  return [...buttons, ...here].map((element) => element.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize(
    ("setting", "look"),
    [
        ({"viewport": {"width": 320, "height": 800}}, (SPACED, CUT)),
        ({"viewport": {"width": 1440, "height": 900}}, (SPACED, CUT)),
        ({"reduced_motion": "reduce"}, ("() => null", MOVING)),
        ({"forced_colors": "active"}, ("() => null", UNMARKED)),
    ],
    ids=["wide text on a phone", "wide text on a desk", "still", "own colours"],
)
def test_nothing_is_lost_by_a_readers_own_settings(visitors, setting, look):
    page = visitors.sign_in("karim", **setting)
    faults = []
    for address in PAGES:
        page.goto(address)
        page.evaluate(look[0])
        faults += [f"{address}: {fault}" for fault in page.evaluate(look[1])]

    assert not faults, "\n".join(faults)
