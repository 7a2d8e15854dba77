"""The decision, row by row (domain 6.1): pure, so no test here touches a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from accounts.site_policy import SitePolicy
from messaging import conditions
from messaging.policy import ROWS, Facts, decide
from messaging.quotes import Quote

NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TOMORROW = NOON + timedelta(days=1)
YESTERDAY = NOON - timedelta(days=1)
POLICY = SitePolicy(version=7)
BY_CONVERSATION = replace(POLICY, charge_unit="conversation")
BY_MESSAGE = replace(POLICY, charge_unit="message")
# What stands against paying does not stand against what is free.
AGAINST_PAYING = {"plan_required", "wallet_held", "seat_limit", "no_credits"}

PLAIN = Facts(
    at=NOON,
    policy=POLICY,
    zone=ZoneInfo("Europe/Berlin"),
    sender_id=1,
    recipient_id=2,
    recipient_name="Mei",
    recipient_handle="mei",
    daily_cap=15,
    is_premium=True,
    has_plan=True,
    balance=14,
)

# What makes each row apply, in the order of the table: code -> facts, kind, channel, cost, sentence.
TABLE = {
    "self": ({"recipient_id": 1}, "blocked", "", "This is you."),
    "sender_suspended": (
        {"suspended_until": TOMORROW, "rule_broken": "no identical bulk"},
        "blocked",
        "",
        "You cannot send until 23 Nov 2026, 12:00. Rule: no identical bulk.",
    ),
    "sender_unverified": ({"is_unconfirmed": True}, "blocked", "", "Confirm your e-mail to send."),
    "you_blocked": ({"you_blocked": True}, "blocked", "", "You blocked Mei."),
    "stopped": (
        {"stopped_at": YESTERDAY},
        "blocked",
        "",
        "Mei asked you not to write again (21 Nov 2026).",
    ),
    "unavailable": (
        {"opened_at": YESTERDAY, "is_unavailable": True},
        "blocked",
        "",
        "This person can't be messaged. No credit was used.",
    ),
    "open": ({"opened_at": YESTERDAY}, "free", "reply", "Free. Mei has written to you."),
    "connection_limit": (
        {"is_connected": True, "starts_today": 200},
        "blocked",
        "",
        "You started 200 conversations today. You can start more in 12 h.",
    ),
    "connection": ({"is_connected": True}, "free", "connection", "Free. You and Mei are connected."),
    "not_accepting": ({"reach": "nobody"}, "blocked", "", "Mei does not take messages from new people."),
    "declined": ({"closed_at": YESTERDAY}, "blocked", "", "Mei said no. You can write if Mei writes or connects."),
    "sender_restricted": (
        {"restricted_until": TOMORROW, "rule_broken": "no identical bulk"},
        "blocked",
        "",
        "You cannot start conversations until 23 Nov 2026, 12:00. Rule: no identical bulk. You can still answer.",
    ),
    "purpose_invalid": ({"purpose": "nonsense"}, "error", "", "Choose a purpose and say why you write."),
    "awaiting_answer": (
        {"unanswered": 1, "last_outreach_at": YESTERDAY},
        "blocked",
        "",
        "You wrote on 21 Nov 2026. You can write again from 28 Nov 2026; it uses another credit.",
    ),
    "unanswered_limit": (
        {"unanswered": 2, "last_outreach_at": YESTERDAY},
        "blocked",
        "",
        "You wrote 2 times without an answer.",
    ),
    "purpose_refused": (
        {
            "purpose": "sales",
            "refused_purposes": frozenset(POLICY.purposes) - {"job_offer", "press"},
        },
        "blocked",
        "",
        "Mei does not take sales messages. Mei takes: job offers, press.",
    ),
    "recipient_full": (
        {"received_today": 10},
        "blocked",
        "",
        "Mei takes no more new people until 23 Nov 2026.",
    ),
    "daily_limit": (
        {"sent_today": 15},
        "blocked",
        "",
        "You reached today's limit of 15. It resets in 12 h.",
    ),
    "open_profile": ({"has_open_profile": True}, "free", "open_profile", "Free. Mei has an Open Profile."),
    "premium_only": (
        {"reach": "premium", "is_premium": False},
        "blocked",
        "",
        "Mei takes InMail from premium members only.",
    ),
    "plan_required": ({"has_plan": False, "balance": 0}, "blocked", "", "Your plan has no InMail."),
    "wallet_held": ({"is_wallet_frozen": True}, "blocked", "", "Your credits are on hold."),
    "seat_limit": (
        {"allowance": 50, "allowance_left": 0},
        "blocked",
        "",
        "You used your 50 team credits for this period.",
    ),
    "no_credits": (
        {"balance": 0, "next_amount": 15, "next_at": datetime(2026, 12, 1, tzinfo=UTC)},
        "blocked",
        "",
        "You have 0 credits; this needs 1. 15 arrive on 1 Dec 2026.",
    ),
    "held_for_review": (
        {"repeats": 10},
        "review",
        "",
        "This text repeats 10 others. It waits for review; no credit is used yet.",
    ),
    "follow_up": (
        {"policy": BY_CONVERSATION, "unanswered": 1, "last_outreach_at": NOON - timedelta(days=8)},
        "free",
        "inmail",
        "Free. You paid for this conversation with the first message.",
    ),
    "inmail": (
        {},
        "credit",
        "inmail",
        "Uses 1 of 14 credits. It comes back if Mei answers, even “no thanks”, by 20 Feb 2027. You will have 13 left.",
    ),
}


def code(**changes: object) -> str:
    return decide(replace(PLAIN, **changes)).code


@pytest.mark.parametrize("expected", TABLE)
def test_each_row_says_what_the_domain_says(expected):
    changes, kind, channel, sentence = TABLE[expected]

    verdict = decide(replace(PLAIN, **changes))

    assert (verdict.code, verdict.kind, verdict.channel, verdict.sentence) == (expected, kind, channel, sentence)
    assert verdict.cost == (1 if kind == "credit" else 0)
    assert verdict.sends == (kind in {"free", "credit"})
    assert verdict.policy_version == 7


def test_the_rows_stand_in_the_order_of_the_table():
    # Held texts to Open Profiles stand before what is free; all else is in the order of the domain.
    rows = [row for row in ROWS if row.applies is not conditions.is_repeated_to_open_profile]
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    assert [row.code for row in rows] == list(TABLE)


def pairs_of_rows():
    """Every two rows whose facts can hold together, the earlier one first."""
    codes = list(TABLE)
    for place, first in enumerate(codes):
        for second in codes[place + 1 :]:
            ours, theirs = TABLE[first][0], TABLE[second][0]
            # A no is what closes an open conversation: it has a test of its own below.
            if second == "declined" or (first, second) == ("open_profile", "held_for_review"):
                continue
            if second == "follow_up" and first in AGAINST_PAYING:
                continue
            if all(ours.get(name, value) == value for name, value in theirs.items()):
                yield first, second, {**ours, **theirs}


@pytest.mark.parametrize(("first", "second", "facts"), list(pairs_of_rows()))
def test_of_two_rows_the_earlier_one_decides(first, second, facts):
    assert code(**facts) == first


def test_the_trace_ends_at_the_deciding_row_and_names_the_facts_it_read():
    trace = decide(replace(PLAIN, is_connected=True)).trace

    assert [row.row for row in trace] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert [row.matched for row in trace] == [False] * 8 + [True]
    assert trace[-1].facts == {"is_connected": True, "is_unavailable": False}


@pytest.mark.parametrize("history", [{}, {"unanswered": 1, "last_outreach_at": YESTERDAY}, {"closed_at": YESTERDAY}])
def test_a_block_or_a_closed_account_looks_like_reach_nobody_to_whom_was_never_open(history):
    nobody = decide(replace(PLAIN, reach="nobody", **history))
    gone = decide(replace(PLAIN, is_unavailable=True, **history))

    assert gone == nobody
    assert (gone.sentence, gone.badge, gone.button) == (nobody.sentence, nobody.badge, nobody.button)
    assert [str(way.url) for way in gone.alternatives] == [str(way.url) for way in nobody.alternatives]


def test_an_empty_wallet_does_not_show_through_the_opaque_refusal():
    assert code(is_unavailable=True, balance=0, has_plan=False, sent_today=99) == "not_accepting"


def test_a_hidden_connection_does_not_show_through_either():
    assert code(is_unavailable=True, is_connected=True) == "not_accepting"


def test_reach_nobody_leaves_connections_and_open_conversations_open():
    assert code(reach="nobody", is_connected=True) == "connection"
    assert code(reach="nobody", opened_at=YESTERDAY) == "open"


@pytest.mark.parametrize("name", ["opened_at", "stopped_at", "closed_at"])
def test_what_an_answer_changes_counts_from_its_delivery_and_not_before(name):
    changed = {"opened_at": "open", "stopped_at": "stopped", "closed_at": "declined"}[name]

    assert code(**{name: NOON}) == changed
    assert code(**{name: NOON + MICROSECOND}) == "inmail"


def test_a_no_closes_what_was_open():
    assert code(opened_at=YESTERDAY, closed_at=YESTERDAY) == "declined"


def test_connecting_opens_after_a_no():
    assert code(closed_at=YESTERDAY, is_connected=True) == "connection"


def test_a_no_lasts_as_long_as_the_policy_says():
    month = replace(POLICY, decline_closes_days=30)
    said_no = NOON - timedelta(days=30)

    assert code(policy=month, closed_at=said_no) == "inmail"
    assert code(policy=month, closed_at=said_no + MICROSECOND) == "declined"


@pytest.mark.parametrize(
    ("since", "expected"), [(timedelta(days=7), "inmail"), (timedelta(days=7) - MICROSECOND, "awaiting_answer")]
)
def test_a_follow_up_is_possible_when_seven_times_24_hours_are_over(since, expected):
    assert code(unanswered=1, last_outreach_at=NOON - since) == expected


def test_on_the_day_itself_the_sentence_tells_the_time():
    verdict = decide(replace(PLAIN, unanswered=1, last_outreach_at=NOON - timedelta(days=7) + timedelta(minutes=5)))

    assert verdict.sentence == (
        "You wrote on 15 Nov 2026. You can write again from 22 Nov 2026, 12:05; it uses another credit."
    )


def test_at_the_maximum_no_later_message_is_promised():
    assert code(unanswered=2, last_outreach_at=YESTERDAY) == "unanswered_limit"
    assert code(unanswered=2, last_outreach_at=NOON - timedelta(days=60)) == "unanswered_limit"


def test_a_follow_up_to_an_open_profile_uses_no_credit():
    verdict = decide(replace(PLAIN, unanswered=1, last_outreach_at=YESTERDAY, has_open_profile=True))

    assert verdict.sentence == "You wrote on 21 Nov 2026. You can write again from 28 Nov 2026."


def test_before_a_purpose_is_chosen_the_price_is_shown():
    assert code(purpose="") == "inmail"
    assert code(purpose="sales") == "inmail"
    assert code(purpose="nonsense") == "purpose_invalid"
    assert code(purpose="", is_sending=True) == "purpose_invalid"


def test_a_purpose_that_the_site_does_not_offer_is_an_error_even_if_the_recipient_takes_it():
    assert code(policy=replace(POLICY, purposes=("press",)), purpose="sales") == "purpose_invalid"


@pytest.mark.parametrize("is_connected", [True, False])
def test_connections_and_open_conversations_ask_for_no_purpose(is_connected):
    changes = {"is_connected": True} if is_connected else {"opened_at": YESTERDAY}
    verdict = decide(replace(PLAIN, purpose="sales", refused_purposes=frozenset({"sales"}), is_sending=True, **changes))

    assert verdict.kind == "free"
    assert not verdict.asks_purpose
    assert not verdict.asks_subject


def test_an_open_profile_is_free_for_those_without_plan_and_credits_and_whatever_the_reach():
    poor = {"balance": 0, "has_plan": False, "is_premium": False}

    assert code(has_open_profile=True, **poor) == "open_profile"
    assert code(has_open_profile=True, reach="premium", **poor) == "open_profile"
    assert code(has_open_profile=True, reach="nobody", **poor) == "not_accepting"


def test_credits_without_a_plan_are_usable_where_the_policy_says_so():
    assert code(has_plan=False, balance=3) == "inmail"
    assert code(has_plan=False, balance=3, policy=replace(POLICY, credits_without_plan=False)) == "plan_required"


def test_without_an_allotment_coming_nothing_is_said_about_one():
    assert decide(replace(PLAIN, balance=0)).sentence == "You have 0 credits; this needs 1."


def test_one_credit_is_singular():
    assert decide(replace(PLAIN, balance=1)).sentence.startswith("Uses 1 of 1 credit. ")
    dear = replace(POLICY, inmail_cost=2)
    assert decide(replace(PLAIN, balance=1, policy=dear)).sentence == "You have 1 credit; this needs 2."


def test_the_sentence_follows_the_price_and_the_return_rules_in_force():
    def sentence(**settings: object) -> str:
        return decide(replace(PLAIN, policy=replace(POLICY, **settings))).sentence

    assert sentence(inmail_cost=2) == (
        "Uses 2 of 14 credits. They come back if Mei answers, even “no thanks”, by 20 Feb 2027. You will have 12 left."
    )
    assert sentence(return_enabled=False) == "Uses 1 of 14 credits. It does not come back. You will have 13 left."
    assert sentence(return_window_hours=None) == (
        "Uses 1 of 14 credits. It comes back if Mei answers, even “no thanks”. You will have 13 left."
    )
    assert sentence(return_on=("reply",)) == (
        "Uses 1 of 14 credits. It comes back if Mei answers in words by 20 Feb 2027. You will have 13 left."
    )
    assert sentence(return_window_hours=1440) == (
        "Uses 1 of 14 credits. It comes back if Mei answers, even “no thanks”, by 21 Jan 2027. You will have 13 left."
    )


def test_the_price_depends_on_the_purpose_where_the_policy_says_so():
    by_purpose = replace(POLICY, inmail_cost_by_purpose={"sales": 3})

    assert decide(replace(PLAIN, policy=by_purpose, purpose="sales")).button == "Send for 3 credits"
    assert decide(replace(PLAIN, policy=by_purpose, purpose="press")).button == "Send for 1 credit"


def test_the_button_and_the_badge_repeat_the_price():
    paid, free, refused = (
        decide(PLAIN),
        decide(replace(PLAIN, is_connected=True)),
        decide(replace(PLAIN, reach="nobody")),
    )

    assert (paid.button, paid.badge, paid.message_button) == ("Send for 1 credit", "1 credit", "Message for 1 credit")
    assert (free.button, free.badge, free.message_button) == ("Send", "Free", "Message")
    assert (refused.button, refused.badge, refused.message_button) == ("", "InMail unavailable", "")


@pytest.mark.parametrize("expected", TABLE)
def test_every_row_has_a_badge(expected):
    assert decide(replace(PLAIN, **TABLE[expected][0])).badge


@pytest.mark.parametrize(("limit", "starts", "is_start", "expected"), [
    (200, 199, True, "connection"),
    (200, 200, True, "connection_limit"),
    (200, 200, False, "connection"),
    (None, 10_000, True, "connection"),
    (0, 0, True, "connection_limit"),
])  # fmt: skip
def test_only_new_conversations_with_connections_are_limited(limit, starts, is_start, expected):
    policy = replace(POLICY, connection_starts_per_day=limit)
    facts = {"is_connected": True, "starts_today": starts, "is_start": is_start}

    assert code(policy=policy, **facts) == expected
    assert code(policy=policy, opened_at=YESTERDAY, **facts) == "open"


def test_where_inmail_to_connections_may_be_chosen_free_comes_first():
    offered = replace(POLICY, inmail_to_connections=True)
    free = decide(replace(PLAIN, policy=offered, is_connected=True))
    chosen = decide(replace(PLAIN, policy=offered, is_connected=True, wants_inmail=True))

    assert (free.code, [way.code for way in free.alternatives]) == ("connection", ["inmail"])
    assert (chosen.code, chosen.cost, [way.code for way in chosen.alternatives]) == ("inmail", 1, ["schedule", "free"])
    assert chosen.asks_purpose
    assert code(policy=offered, is_connected=True, wants_inmail=True, starts_today=200) == "inmail"
    assert code(policy=offered, is_connected=True, wants_inmail=True, reach="nobody") == "not_accepting"
    # Not offered, or not connected: the wish changes nothing.
    assert code(is_connected=True, wants_inmail=True) == "connection"
    assert decide(replace(PLAIN, is_connected=True)).alternatives == ()
    assert decide(replace(PLAIN, policy=offered, wants_inmail=True)) == decide(replace(PLAIN, policy=offered))
    assert decide(replace(PLAIN, policy=offered, wants_inmail=True, is_connected=True, is_unavailable=True)) == decide(
        replace(PLAIN, policy=offered, is_unavailable=True)
    )


@pytest.mark.parametrize("poor", [{}, {"balance": 0, "has_plan": False}, {"is_wallet_frozen": True}])
def test_a_paid_conversation_is_followed_up_for_free_but_not_too_soon_nor_too_often(poor):
    week = {"unanswered": 1, "last_outreach_at": NOON - timedelta(days=7), "policy": BY_CONVERSATION, **poor}

    assert code(**week) == "follow_up"
    assert code(**week | {"last_outreach_at": YESTERDAY}) == "awaiting_answer"
    assert "credit" not in decide(replace(PLAIN, **week | {"last_outreach_at": YESTERDAY})).sentence
    assert code(**week | {"unanswered": 2}) == "unanswered_limit"
    assert code(**week | {"sent_today": 15}) == "daily_limit"
    assert code(**week | {"reach": "premium", "is_premium": False}) == "premium_only"
    assert decide(replace(PLAIN, policy=BY_CONVERSATION)).sentence.endswith(
        "Follow-ups are free. You will have 13 left."
    )


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, "open_paid"),
    ({"is_starter": False}, "open"),
    ({"is_connected": True}, "open"),
    ({"has_open_profile": True}, "open"),
    ({"policy": POLICY}, "open"),
    ({"policy": BY_CONVERSATION}, "open"),
    ({"closed_at": YESTERDAY}, "declined"),
    ({"is_unavailable": True}, "unavailable"),
    ({"you_blocked": True}, "you_blocked"),
    ({"stopped_at": YESTERDAY}, "stopped"),
    ({"is_wallet_frozen": True}, "wallet_held"),
    ({"balance": 0}, "no_credits"),
    # Neither caps nor reach nor a plan stand against an answer (domain 6.1, row 7).
    ({"sent_today": 15, "reach": "nobody", "is_premium": False, "has_plan": False}, "open_paid"),
])  # fmt: skip
def test_where_each_message_is_paid_for_the_unconnected_starter_pays_after_an_answer_too(changes, expected):
    facts = {"policy": BY_MESSAGE, "opened_at": YESTERDAY, "is_starter": True} | changes
    verdict = decide(replace(PLAIN, **facts))

    assert verdict.code == expected
    assert verdict.cost == (1 if expected == "open_paid" else 0)
    # An answer by one tap stays possible wherever nothing keeps the two apart.
    assert verdict.continues == (expected in {"open", "open_paid", "wallet_held", "no_credits"})
    assert verdict.asks_purpose != verdict.continues


def test_a_paid_message_in_an_open_conversation_costs_the_plain_price_whatever_purpose_a_draft_holds():
    dear = replace(BY_MESSAGE, inmail_cost=2, inmail_cost_by_purpose={"sales": 9})
    verdict = decide(replace(PLAIN, policy=dear, opened_at=YESTERDAY, is_starter=True, purpose="sales"))

    assert (verdict.code, verdict.cost, verdict.button) == ("open_paid", 2, "Send for 2 credits")
    assert not verdict.counts_for_cap


@pytest.mark.parametrize(("reason", "expected"), [
    ("", "purpose_invalid"),
    ("x" * 9, "purpose_invalid"),
    ("x" * 10, "inmail"),
    ("x" * 200, "inmail"),
    ("x" * 201, "purpose_invalid"),
])  # fmt: skip
def test_where_a_reason_is_asked_for_none_is_sent_without(reason, expected):
    asks = replace(POLICY, context_required=True)

    assert code(policy=asks, purpose="press", is_sending=True, reason=reason) == expected
    assert code(policy=asks, purpose="press", reason=reason) == "inmail"
    assert code(policy=asks, is_connected=True, is_sending=True, reason=reason) == "connection"
    assert code(purpose="press", is_sending=True, reason=reason) == "inmail"


def test_premium_reaches_premium_past_a_refused_purpose_and_past_nothing_else():
    on = replace(POLICY, premium_reaches_premium=True)
    both = {"policy": on, "recipient_is_premium": True}
    refused = {"purpose": "sales", "refused_purposes": frozenset({"sales"})}

    assert decide(replace(PLAIN, **both, **refused)).code == "inmail"
    assert decide(replace(PLAIN, **both)).skips_requests
    for one in ({"recipient_is_premium": False}, {"is_premium": False}, {"policy": POLICY}):
        assert code(**both | refused | one) == "purpose_refused"
        assert not decide(replace(PLAIN, **both | one)).skips_requests
    # An Open Profile is no InMail: what it refuses stays refused.
    assert code(**both, **refused, has_open_profile=True) == "purpose_refused"
    for name in ("stopped", "not_accepting", "declined", "unanswered_limit", "daily_limit", "no_credits"):
        assert code(**TABLE[name][0] | both) == name


@pytest.mark.parametrize("unit", ["until_answered", "conversation", "message"])
def test_free_costs_nothing_and_paid_costs_what_the_button_says(unit):
    """Every combination of what a price depends on."""
    for values in product([False, True], repeat=6):
        names = ("is_connected", "is_starter", "has_open_profile", "wants_inmail", "written", "is_open")
        facts = dict(zip(names, values, strict=True))
        if facts.pop("written"):
            facts |= {"unanswered": 1, "last_outreach_at": NOON - timedelta(days=8)}
        if facts.pop("is_open"):
            facts["opened_at"] = YESTERDAY
        policy = replace(POLICY, charge_unit=unit, inmail_to_connections=True, inmail_cost=3)
        verdict = decide(replace(PLAIN, policy=policy, **facts))

        assert verdict.cost == (3 if verdict.kind == "credit" else 0)
        assert (verdict.cost > 0) == ("3 credits" in verdict.button)
        assert verdict.sentence.startswith("Uses 3 of 14 credits." if verdict.cost else "Free. ")
        assert Quote.of(verdict).holds(verdict)
        assert not verdict.cost or not replace(Quote.of(verdict), cost=2).holds(verdict)


def test_what_time_lifts_can_be_scheduled_and_only_what_names_a_day_be_reminded_of():
    arrives = {"next_at": NOON + timedelta(days=9), "next_amount": 15}
    found = {
        code: [way.label for way in decide(replace(PLAIN, **known)).alternatives]
        for code, known in {
            "connection_limit": {"is_connected": True, "starts_today": 200},
            "awaiting_answer": {"unanswered": 1, "last_outreach_at": YESTERDAY},
            "recipient_full": {"received_today": 10},
            "hidden": {"received_today": 10, "hides_caps": True},
            "daily_limit": {"sent_today": 15},
            "no_credits": {"balance": 0, "packs": ((10, "$10"), (50, "$45")), **arrives},
            "inmail": {},
        }.items()
    }

    assert found == {
        "connection_limit": ["Schedule for tomorrow 09:00"],
        "awaiting_answer": ["Remind me on 28 Nov 2026", "Schedule for 29 Nov 2026"],
        "recipient_full": ["Tell me on 23 Nov 2026"],
        "hidden": ["Send a connection request, free"],
        "daily_limit": ["Schedule for tomorrow 09:00"],
        "no_credits": [
            "Schedule for 2 Dec 2026",
            "Buy 10 for $10",
            "See plans",
            "Send a connection request, free",
        ],
        "inmail": ["Schedule", "Send a connection request, free"],
    }
