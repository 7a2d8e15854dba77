"""The main job, from the first sign-in to the credit that comes back, against the processes of `bin/run`."""

import re
import time

from playwright.sync_api import Page, expect

BODY = "Hi Mei,\n\nwe open a design studio in Berlin. Shall we talk for twenty minutes?"
RETURN_SECONDS = 10


def balance(page: Page) -> int:
    return int(page.locator("#wallet strong").inner_text())


def test_a_stranger_says_no_thanks_and_the_credit_is_back_within_ten_seconds(visitors):
    karim, mei = visitors.sign_in("karim"), visitors.sign_in("mei")
    before = balance(karim)

    karim.goto("/new/mei-tanaka/")
    price = karim.locator("#quote")
    expect(price).to_have_text(
        re.compile(
            rf"Uses 1 of {before} credits\. It comes back if Mei answers, even “no thanks”, "
            rf"by \d+ \w+ \d{{4}}\. You will have {before - 1} left\."
        )
    )
    karim.get_by_label("Purpose").select_option("job_offer")
    karim.get_by_label("Subject").fill("A studio in Berlin")
    karim.get_by_label("Message", exact=True).fill(BODY)
    karim.get_by_role("button", name="Send for 1 credit").click()
    expect(karim.locator("#toasts")).to_contain_text("Sent to Mei for 1 credit.")
    expect(karim.locator("#wallet strong")).to_have_text(str(before - 1))

    # No reload: the request appears by itself once the undo window is over.
    mei.goto("/requests/")
    request = mei.get_by_role("article").filter(has_text="A studio in Berlin")
    expect(request).to_have_count(0)
    expect(request).to_be_visible(timeout=40_000)
    request.get_by_role("button", name="No thanks").click()
    expect(mei.locator("#toasts")).to_contain_text("Answered: No thanks")
    assert balance(karim) == before - 1
    taken_back_until = time.monotonic() + 10

    # Nor here: the sender's page hears of the return.
    expect(karim.locator("#wallet strong")).to_have_text(str(before), timeout=40_000)
    assert time.monotonic() < taken_back_until + RETURN_SECONDS
    expect(karim.locator("#messages")).to_contain_text(f"Your credit is back, balance {before}")

    karim.goto("/credits/")
    lines = karim.locator("#lines tbody tr")
    expect(lines.nth(0)).to_contain_text("+1")
    expect(lines.nth(1)).to_contain_text("−1")
    for line in (lines.nth(0), lines.nth(1)):
        expect(line).to_contain_text("Mei")


def test_pages_were_served_before_the_demo_was_told(demo):
    said = demo.log.read_text()

    moments = [
        said.index(words)
        for words in (f"serving {demo.address}", "demo started", "demo ended (exit code 0)", "ready: ")
    ]
    assert moments == sorted(moments)
    assert said.index("money started") > said.index("demo ended")
