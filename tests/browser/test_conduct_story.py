"""Story 41: who is limited reads facts, rule and end at once, appeals, and sends again when somebody else reverses."""

from playwright.sync_api import expect

SETUP = """
from accounts.clock import now
from accounts.models import Member
from messaging import appealing, conduct
from messaging.models import Appeal, Decision
viktor = Member.objects.get(email="viktor@demo.example")
first, second = Member.objects.filter(email__in=["karim@demo.example", "mei@demo.example"]).order_by("pk")
"""
LIMIT = (
    SETUP
    + """
case = conduct.open_case(about=viktor, source="staff", harm=2, key="staff:story", evidence={}, at=now())
facts = "You wrote the same offer to forty people between nine and ten."
words = {"rule": "bulk", "facts": facts, "is_grave": True, "note": "A fraud"}
conduct.decide_case(case=case, outcome="week", decided_by=first, at=now(), **words)
"""
)
REVERSE = (
    SETUP
    + """
waiting = Appeal.objects.get(decision__case__key="staff:story")
reasons = "Each of the forty had asked for the offer, as the register shows."
appealing.decide_appeal(appeal=waiting, outcome="reversed", reasons=reasons, decided_by=second, at=now())
"""
)


def test_a_limited_sender_reads_why_appeals_and_sends_again(visitors, demo):
    demo.manage("shell", "-v0", "-c", LIMIT)
    viktor = visitors.sign_in("viktor")
    viktor.goto("/new/grace-kim/")
    expect(viktor.get_by_role("main")).to_contain_text("You cannot start conversations until")
    expect(viktor.get_by_role("main")).to_contain_text("Rule: no identical bulk")
    viktor.get_by_role("link", name="See the decision").first.click()
    main = viktor.get_by_role("main")
    expect(main).to_contain_text("the same offer to forty people")
    expect(main).to_contain_text("a moderator")

    main.get_by_role("link", name="Appeal", exact=True).click()
    viktor.get_by_label("Why it is wrong").fill("All of them had asked for it.")
    viktor.get_by_role("button", name="Appeal").click()
    expect(viktor.get_by_role("main")).to_contain_text("Waits for a moderator who did not take the decision.")

    demo.manage("shell", "-v0", "-c", REVERSE)
    viktor.reload()
    expect(viktor.get_by_role("main")).to_contain_text("Each of the forty had asked")
    viktor.goto("/new/grace-kim/")
    expect(viktor.get_by_role("main")).not_to_contain_text("You cannot start conversations")
