"""Stories of the composer, the inbox and the recipient, one browser session a person."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_main_job import balance

PHONE = {"viewport": {"width": 390, "height": 844}}


def write(page, handle, *, subject="A studio in Berlin", body="Shall we talk for twenty minutes?"):
    page.goto(f"/new/{handle}/")
    page.get_by_label("Purpose").select_option("advice")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Message", exact=True).fill(body)


def strangers(page):
    """Handles of members who take InMail and were never written to, in the order of the directory."""
    page.goto("/people/?q=an")
    rows = page.locator(".row").filter(has_text="1 credit").get_by_role("link")
    return [href.strip("/").split("/")[-1] for href in rows.evaluate_all("links => links.map(a => a.pathname)")]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_undo_gives_text_and_credit_back_and_the_ledger_says_so(visitors, scripts):
    karim = visitors.sign_in("karim", java_script_enabled=scripts)
    handle, before = strangers(karim)[0 if scripts else 1], balance(karim)
    write(karim, handle, body="Text that comes back")
    karim.get_by_role("button", name="Send for 1 credit").click()
    assert balance(karim) == before - 1

    karim.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(karim.get_by_label("Message", exact=True)).to_have_value("Text that comes back")
    expect(karim.locator("#toasts")).to_contain_text("Undone. Your credit is back.")
    assert balance(karim) == before
    karim.goto("/credits/")
    lines = karim.locator("#lines tbody tr")
    expect(lines.nth(0)).to_contain_text("Undone")
    expect(lines.nth(1)).to_contain_text("InMail")


def test_a_double_click_and_going_back_to_send_again_make_one_message(visitors):
    karim = visitors.sign_in("karim")
    handle, before = strangers(karim)[2], balance(karim)
    write(karim, handle, subject="Only once")
    karim.get_by_role("button", name="Send for 1 credit").dblclick()
    karim.wait_for_url("**/inbox/c/**")
    karim.go_back()
    again = karim.get_by_role("button", name=re.compile("^Send"))
    if again.count():
        again.click()

    karim.goto("/sent/")
    expect(karim.get_by_text("Only once")).to_have_count(1)
    assert balance(karim) == before - 1


@pytest.mark.parametrize(
    ("who", "handle", "says"),
    [
        ("karim", "elena-petrova", "Free. You and Elena are connected."),
        ("sam", "amara-diallo", "Free. Amara has an Open Profile."),
    ],
)
def test_free_messages_say_why_and_cost_nothing(visitors, who, handle, says):
    page = visitors.sign_in(who)
    before = balance(page)
    page.goto(f"/new/{handle}/")
    expect(page.locator("#quote")).to_contain_text(says)
    if page.get_by_label("Purpose").count():
        page.get_by_label("Purpose").select_option("advice")
        page.get_by_label("Subject").fill("A question")
    page.get_by_label("Message", exact=True).fill("May I ask you something?")

    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.locator("#toasts")).to_contain_text("Sent to")
    assert balance(page) == before


@pytest.mark.parametrize(
    ("who", "handle", "says", "way"),
    [
        ("karim", "nora-vogel", "Nora does not take messages from new people.", "Send a connection request, free"),
        ("sam", "grace-kim", "Grace takes InMail from premium members only.", "See plans"),
    ],
)
def test_a_refusal_says_what_and_what_else_can_be_done(visitors, who, handle, says, way):
    page = visitors.sign_in(who)

    page.goto(f"/new/{handle}/")

    expect(page.locator("#quote")).to_contain_text(says)
    expect(page.get_by_role("button", name=re.compile("^Send"))).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("link", name=way)).to_be_visible()


def test_a_purpose_that_is_not_taken_is_said_without_reload_and_the_text_stays(visitors):
    owen = visitors.sign_in("owen")
    owen.goto("/new/mei-tanaka/")
    owen.get_by_label("Message", exact=True).fill("Typed before")

    owen.get_by_label("Purpose").select_option("sales")

    expect(owen.locator("#quote")).to_contain_text("Mei takes: job offers")
    expect(owen.get_by_role("button", name=re.compile("^Send for"))).to_have_count(0)
    expect(owen.get_by_label("Message", exact=True)).to_have_value("Typed before")
    owen.get_by_label("Purpose").select_option("advice")
    expect(owen.get_by_role("button", name="Send for 1 credit")).to_be_visible()


def test_what_changed_while_writing_is_said_with_focus_and_nothing_is_spent(visitors):
    yusuf, hanna = visitors.sign_in("yusuf"), visitors.sign_in("hanna")
    before = balance(yusuf)
    # The composer asks anew while one types: here no answer comes any more, or it would tell before Send does.
    yusuf.route("**/quote/**", lambda route: route.fulfill(status=204))
    write(yusuf, "hanna-lind", body="Kept all the same")
    hanna.goto("/settings/reach/")
    hanna.get_by_label("Nobody new").check()
    hanna.get_by_role("button", name="Save").click()
    expect(hanna.locator("#toasts")).to_contain_text("Saved")

    yusuf.get_by_role("button", name="Send for 1 credit").click()

    strip = yusuf.locator("#quote")
    expect(strip).to_contain_text("Something changed while you were writing.")
    expect(strip).to_be_focused()
    expect(yusuf.get_by_label("Message", exact=True)).to_have_value("Kept all the same")
    assert balance(yusuf) == before


def test_a_draft_is_there_in_another_browser(visitors):
    here, there = visitors.sign_in("yusuf"), visitors.sign_in("yusuf")
    here.goto("/new/luis-ortega/")
    here.get_by_label("Message", exact=True).fill("Begun on the train")
    expect(here.locator("[data-draft-status]").first).to_contain_text("Draft saved")

    there.goto("/drafts/")
    there.get_by_role("link", name=re.compile("Luis Ortega")).first.click()

    expect(there.get_by_label("Message", exact=True)).to_have_value("Begun on the train")


def test_a_subject_that_is_too_long_is_kept_whole_and_named(visitors):
    elena = visitors.sign_in("elena")
    subject = "é👩‍👩‍👧" + "x" * 195
    write(elena, "tom-baker", subject=subject)
    expect(elena.get_by_text("1 too many")).to_be_visible()

    elena.get_by_role("button", name="Send for 1 credit").click()

    expect(elena.get_by_label("Subject")).to_have_value(subject)
    expect(elena.locator("[data-autofocus], .errors").first).to_be_focused()


def test_keys_walk_archive_and_restore(visitors):
    karim = visitors.sign_in("karim")
    karim.keyboard.press("j")
    karim.keyboard.press("j")
    second = karim.locator(".row__who a").nth(1)
    expect(second).to_be_focused()

    karim.keyboard.press("o")

    karim.wait_for_url("**/inbox/c/**")
    karim.keyboard.press("?")
    expect(karim.locator("dialog[open]")).to_be_visible()
    karim.keyboard.press("Escape")
    karim.keyboard.press("e")
    expect(karim.locator("#toasts")).to_contain_text("Archived")


def test_a_phone_shows_one_pane_and_a_way_back(visitors):
    karim = visitors.sign_in("karim", has_touch=True, **PHONE)
    karim.locator(".row__who a").first.click()

    expect(karim.locator(".pane-list")).to_be_hidden()
    expect(karim.get_by_role("link", name="Back to inbox")).to_be_visible()
    assert karim.evaluate("document.documentElement.scrollWidth") == 390


def test_an_answer_taken_back_in_time_was_never_told(visitors):
    elena, mei = visitors.sign_in("elena"), visitors.sign_in("mei")
    before = balance(elena)
    mei.goto("/inbox/")
    expect(mei.locator("#inbox-rows")).not_to_contain_text("An interview about tokens")
    mei.goto("/requests/")
    request = mei.get_by_role("article").filter(has_text="An interview about tokens")
    expect(request).to_contain_text("first messages wait here")
    expect(request).to_contain_text("Press")

    request.get_by_role("button", name="Maybe later").click()
    mei.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(mei.locator("#toasts")).to_contain_text("Nobody was told")
    elena.wait_for_timeout(11_000)
    elena.reload()
    assert balance(elena) == before


def test_who_is_asked_to_stop_reads_it_and_the_old_form_is_refused(visitors):
    owen, karim = visitors.sign_in("owen"), visitors.sign_in("karim")
    karim.goto("/requests/")
    request = karim.get_by_role("article").filter(has_text="Twenty minutes next week")
    request.get_by_text("More answers").click()
    request.get_by_role("link", name="Stop writing to me").click()
    expect(karim.get_by_role("main")).to_contain_text("Owen")
    karim.get_by_role("main").get_by_role("button", name="Ask Owen to stop").click()
    expect(karim.locator("#toasts")).to_contain_text("Answered")

    owen.goto("/new/karim-haddad/")
    owen.wait_for_timeout(11_000)
    owen.reload()

    expect(owen.locator("#quote")).to_contain_text("Karim asked you not to write again")
    expect(owen.get_by_role("button", name=re.compile("^Send"))).to_have_count(0)
