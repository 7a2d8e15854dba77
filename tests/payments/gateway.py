"""A small stateful Stripe for the real `stripe` library: the network's edge, and nothing of ours.

It keeps idempotency keys and refuses a key with other parameters, gives back names where nothing was expanded, and
signs its events by the library's own scheme.
"""

import itertools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.payments.till import Declined, Till, Unknown

Object = dict[str, Any]
SECRET = "whsec_of_the_fake_gateway"


class FakeStripe(Till, stripe.HTTPClient):
    name = "fake"

    def __init__(self, at: datetime, *, pages: str = "http://127.0.0.1:1") -> None:
        super().__init__()
        self.at, self.pages = at, pages
        self.is_live = False
        # "down": no connection; "slow": it did its work and answered too late; "error": a 500.
        self.trouble = ""
        self.objects: dict[str, Object] = {}
        self.answers: dict[str, tuple[Any, int, str]] = {}
        self.events: list[Object] = []
        self.calls: list[str] = []
        self._numbers = itertools.count(1)

    # --- The wire ------------------------------------------------------------------------------

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[str, int, dict[str, str]]:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/v1/")
        self.calls.append(f"{method} {path}")
        if self.trouble == "down":
            raise stripe.APIConnectionError("no connection")
        if self.trouble == "error":
            return '{"error": {"type": "api_error", "message": "try later"}}', 500, {}
        params = _nested(parse_qsl(parts.query if method == "get" else post_data or "", keep_blank_values=True))
        body, status = self._kept(headers.get("Idempotency-Key"), method, path, params)
        if self.trouble == "slow":
            raise stripe.APIConnectionError("timed out")
        return body, status, {"Request-Id": "req_1"}

    def _kept(self, key: str | None, method: str, path: str, params: Object) -> tuple[str, int]:
        if key is None or method == "get":
            return self._answer(method, path, params)
        if key in self.answers:
            asked, status, body = self.answers[key]
            if asked != (path, params):
                return _error("idempotency_error", "Keys for idempotent requests can only be used again as before"), 400
            return body, status
        body, status = self._answer(method, path, params)
        self.answers[key] = ((path, params), status, body)
        return body, status

    def _answer(self, method: str, path: str, params: Object) -> tuple[str, int]:
        try:
            return json.dumps(self._route(method, path, params)), 200
        except Declined as refusal:
            return _error("card_error", str(refusal), code=refusal.code), 402
        except Unknown as refusal:
            return _error("invalid_request_error", str(refusal)), 400

    def _route(self, method: str, path: str, params: Object) -> Object:
        words = path.split("/")
        kind = "/".join(words[:2]) if words[0] in {"checkout", "billing_portal"} else words[0]
        rest = words[2:] if "/" in kind else words[1:]
        if method == "get":
            return self._expanded(self._get(rest[0]), params) if rest else self._list(kind, params)
        if method == "delete":
            return self._over(self._get(rest[0]))
        act: Callable[..., Object] = getattr(
            self, f"_{'_'.join([*kind.split('/'), *rest[1:]])}{'_change' * (len(rest) == 1)}"
        )
        return act(*([self._get(rest[0])] if rest else []), params)

    def _get(self, name: str) -> Object:
        if name not in self.objects:
            raise Unknown(f"No such object: {name}")
        return self.objects[name]

    def _list(self, kind: str, params: Object) -> Object:
        singular = {"checkout/sessions": "checkout.session", "invoice_payments": "invoice_payment"}
        wanted = singular.get(kind, kind.rstrip("s"))
        filters = {name: value for name, value in params.items() if name not in {"limit", "created", "payment"}}
        if "payment" in params:
            filters["payment_intent"] = params["payment"]["payment_intent"]
        since = int(params.get("created", {}).get("gte", 0))
        found = [
            one
            for one in self.objects.values()
            if one["object"] == wanted
            and one["created"] >= since
            and all(str(one.get(name)) == value for name, value in filters.items())
        ]
        return {"object": "list", "data": found, "has_more": False, "url": f"/v1/{kind}"}

    def _expanded(self, one: Object, params: Object) -> Object:
        """Names, unless asked for the objects; an invoice's payments are left out unless asked for."""
        expand = set(params.get("expand", {}).values())
        shown = {name: value for name, value in one.items() if name != "payments" or "payments" in expand}
        for field in ("payment_intent", "subscription", "invoice"):
            wanted = {word for word in expand if word == field or word.startswith(f"{field}.")}
            if wanted and shown.get(field):
                inner = {word.partition(".")[2]: word.partition(".")[2] for word in wanted if "." in word}
                shown[field] = self._expanded(self._get(shown[field]), {"expand": inner})
        return shown

    # --- What we may ask -----------------------------------------------------------------------

    def _customers(self, params: Object) -> Object:
        return self._new("cus", "customer", **params)

    def _prices(self, params: Object) -> Object:
        return self._new("price", "price", **{**params, "unit_amount": int(params["unit_amount"])})

    def _coupons(self, params: Object) -> Object:
        return self._new("", "coupon", **{**params, "amount_off": int(params["amount_off"])}, times_redeemed=0)

    def _billing_portal_sessions(self, params: Object) -> Object:
        url = f"{self.pages}/portal?{params['customer']}"
        return self._new("bps", "billing_portal.session", url=url, **params)

    def _checkout_sessions(self, params: Object) -> Object:
        total = sum(self._line(line) for line in params["line_items"].values()) - self._off(params)
        if 0 < total < 50:
            raise Unknown("Amount must be at least $0.50")
        session = self._new(
            "cs_test",
            "checkout.session",
            **params,
            status="open",
            payment_status="unpaid",
            amount_total=total,
            currency=self._currency(params),
            payment_intent=None,
            subscription=None,
            invoice=None,
        )
        session["url"] = f"{self.pages}/pay/{session['id']}"
        return session

    def _checkout_sessions_expire(self, session: Object, params: Object) -> Object:
        if session["status"] != "open":
            raise Unknown("This Session is not open")
        session["status"] = "expired"
        self.tell("checkout.session.expired", session)
        return session

    def _invoices_void(self, invoice: Object, params: Object) -> Object:
        if invoice["status"] not in {"open", "uncollectible"}:
            raise Unknown("You can only pass in open invoices")
        invoice["status"] = "void"
        self.tell("invoice.voided", invoice)
        return invoice

    def _refunds(self, params: Object) -> Object:
        return self.send_back(params["payment_intent"], int(params["amount"]), metadata=params.get("metadata", {}))

    def _subscriptions_change(self, held: Object, params: Object) -> Object:
        if held.get("schedule") and "cancel_at_period_end" in params:
            raise Unknown("The subscription is managed by a schedule")
        if "items" in params:
            self._upgrade(held, params)
        if "cancel_at_period_end" in params:
            held["cancel_at_period_end"] = params["cancel_at_period_end"] == "true"
        self.tell("customer.subscription.updated", held)
        return held

    def _upgrade(self, held: Object, params: Object) -> None:
        self.refuse(held["card"])
        assert (params["proration_behavior"], params["billing_cycle_anchor"]) == ("none", "now")
        held["items"]["data"][0] |= {
            "price": params["items"]["0"]["price"],
            "quantity": params["items"]["0"]["quantity"],
        }
        held["metadata"] = params["metadata"]
        self.bill(held, off=self._off(params), reason="subscription_update")
        self.redeem(params)

    def _over(self, held: Object) -> Object:
        if held["schedule"]:
            raise Unknown("The subscription is managed by a schedule")
        held["status"] = "canceled"
        self.tell("customer.subscription.deleted", held)
        return held

    def _subscription_schedules(self, params: Object) -> Object:
        held = self._get(params["from_subscription"])
        items = [{"price": one["price"], "quantity": one["quantity"]} for one in held["items"]["data"]]
        phase = {"items": items, "start_date": 1, "end_date": 2}
        made = self._new("sub_sched", "subscription_schedule", subscription=held["id"], phases=[phase])
        held["schedule"] = made["id"]
        return made

    def _subscription_schedules_change(self, schedule: Object, params: Object) -> Object:
        schedule["phases"] = list(params["phases"].values())
        return schedule

    def _subscription_schedules_release(self, schedule: Object, params: Object) -> Object:
        self._get(schedule["subscription"])["schedule"] = None
        return schedule

    # --- Reckoning -------------------------------------------------------------------------------

    def _line(self, line: Object) -> int:
        price = line.get("price_data") or self._get(line["price"])
        return int(price["unit_amount"]) * int(line["quantity"])

    def _off(self, params: Object) -> int:
        coupons = [self._get(one["coupon"]) for one in params.get("discounts", {}).values()]
        for coupon in coupons:
            if coupon["times_redeemed"] >= int(coupon["max_redemptions"]):
                raise Unknown("This coupon has been redeemed as often as it may be")
        return sum(int(coupon["amount_off"]) for coupon in coupons)

    def _currency(self, params: Object) -> str:
        line = params["line_items"]["0"]
        return str((line.get("price_data") or self._get(line["price"]))["currency"])

    def _new(self, prefix: str, kind: str, **fields: Any) -> Object:
        name = fields.pop("id", None) or f"{prefix}_{next(self._numbers):06d}"
        created = int(self.at.timestamp())
        self.objects[name] = {"id": name, "object": kind, "livemode": self.is_live, "created": created, **fields}
        return self.objects[name]

    def tell(self, kind: str, about: Object) -> Object:
        event = self._new("evt", "event", type=kind, data={"object": json.loads(json.dumps(about, default=str))})
        self.events.append(event)
        return event


def signed(event: Object, *, at: datetime, secret: str = SECRET) -> tuple[str, str]:
    """Body and signature of an event, by the library's own scheme."""
    body = json.dumps(event, default=str)
    return body, stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(at.timestamp()))


def _error(kind: str, message: str, *, code: str = "") -> str:
    return json.dumps({"error": {"type": kind, "message": message, "code": code}})


def _nested(pairs: list[tuple[str, str]]) -> Object:
    """`a[0][b]=1` as {"a": {"0": {"b": "1"}}}."""
    nested: Object = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        inner = nested
        for word in path:
            inner = inner.setdefault(word, {})
        inner[last or str(len(inner))] = value
    return nested
