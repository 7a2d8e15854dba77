"""A newcomer's first hour, a passkey, and staff at the console."""

import re

from playwright.sync_api import expect

from tests.browser.site import enter_code
from tests.browser.test_main_job import balance

PASSWORD = "a quiet river at 9"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def join(page, *, name, email):
    page.goto("/accounts/signup/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    enter_code(page, email)
    page.wait_for_url("**/inbox/")


def test_a_newcomer_joins_is_found_connects_and_writes_for_free(visitors):
    lea, elena = visitors.open(), visitors.sign_in("elena")
    join(lea, name="Lene Brandt", email="lene@demo.example")
    expect(lea.get_by_text("Nothing here yet")).to_be_visible()

    lea.goto("/settings/profile/")
    lea.get_by_label("Headline").fill("Radio producer")
    lea.get_by_label("Place").fill("Lübeck")
    lea.get_by_role("button", name="Save").click()
    expect(lea.locator("#toasts")).to_contain_text("Saved")

    lea.goto("/people/")
    lea.get_by_label("Name or words").fill("Elena Petrova")
    lea.get_by_role("button", name="Search").click()
    lea.get_by_role("link", name="Elena Petrova").click()
    lea.get_by_role("link", name="Connect, free").click()
    lea.get_by_label("Note").fill("We met at the radio days.")
    lea.get_by_role("button", name="Send invitation").click()

    elena.goto("/connections/invitations/")
    invitation = elena.get_by_role("article", name="Lene Brandt")
    expect(invitation).to_contain_text("We met at the radio days.")
    expect(invitation).to_contain_text("Radio producer")
    invitation.get_by_role("button", name="Accept").click()
    expect(elena.locator("#toasts")).to_contain_text("connected")

    lea.goto("/new/elena-petrova/")
    expect(lea.locator("#quote")).to_contain_text("Free. You and Elena are connected.")
    lea.get_by_label("Message", exact=True).fill("Thank you! Coffee on Monday?")
    lea.get_by_role("button", name="Send", exact=True).click()
    expect(lea.locator("#toasts")).to_contain_text("Sent to Elena.")
    elena.goto("/inbox/")
    expect(elena.locator("#inbox-rows")).to_contain_text("Coffee on Monday?")


def test_a_passkey_signs_in_without_a_password(visitors):
    page = visitors.open()
    join(page, name="Ole Berg", email="ole@demo.example")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("My laptop")
    if (passwordless := page.get_by_label(re.compile("Passwordless", re.IGNORECASE))).count():
        passwordless.check()
    page.get_by_role("button", name=re.compile("Add")).click()
    page.wait_for_url("**/recovery-codes/**")
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()

    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    page.wait_for_url("**/inbox/")


def test_staff_come_in_by_a_recovery_code_and_give_credits_that_the_member_sees(visitors):
    sam, rosa = visitors.sign_in("sam"), visitors.sign_in("rosa")
    before = balance(sam)

    rosa.goto("/admin/accounts/member/?q=sam@demo.example")
    rosa.get_by_role("link", name="Open", exact=True).click()
    rosa.get_by_role("link", name="Adjust credits").click()
    rosa.get_by_label("Credits", exact=True).fill("3")
    rosa.get_by_label("Days they live").fill("90")
    rosa.get_by_label("Reason").fill("A welcome at the student fair")
    rosa.get_by_role("button", name="Post").click()

    expect(rosa.locator("#content")).to_contain_text("A welcome at the student fair")
    expect(sam.locator("#wallet strong")).to_have_text(str(before + 3))
    sam.goto("/credits/")
    expect(sam.locator("#lines tbody tr").first).to_contain_text("A welcome at the student fair")
    expect(sam.locator("#lines tbody tr").first).to_contain_text("+3")
