"""Stripe's hosted pages, on loopback: one button to pay, and back to where a session says; an invoice's page stays."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.payments.gateway import FakeStripe

PAGE = b'<!doctype html><title>Pay</title><h1>Pay</h1><form method="post"><button>Pay now</button></form>'
PAID = b"<!doctype html><title>Paid</title><h1>Paid</h1>"


@contextmanager
def pay_pages(fake: FakeStripe) -> Iterator[None]:
    """While inside, the fake's sessions and invoices lead to pages that take any card, and its portal to a page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, PAGE)

        def do_POST(self) -> None:
            named = fake.objects[self.path.rpartition("/")[2]]
            if named["object"] == "invoice":
                fake.pay_invoice(named["id"])
                self._answer(200, PAID)
                return
            fake.pay(named["id"])
            self._answer(303, b"", Location=named["success_url"])

        def _answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.pages = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
