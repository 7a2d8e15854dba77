"""A page left open while its session ends elsewhere does not stay on the screen."""

import re

from playwright.sync_api import expect

END = """
from accounts import sessions
from accounts.models import Member
sessions.end_all(member_id=Member.objects.get(email="grace@demo.example").pk)
"""


def test_the_next_hint_leads_to_the_entrance(visitors, demo):
    left_open = visitors.sign_in("grace")
    left_open.goto("/inbox/")
    expect(left_open.get_by_role("navigation", name="Main", exact=True)).to_be_visible()

    demo.manage("shell", "-v0", "-c", END)
    left_open.evaluate("""new BroadcastChannel("postern").postMessage({ changed: "inbox" })""")

    expect(left_open).to_have_url(re.compile("/accounts/login/"))
