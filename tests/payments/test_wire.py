"""What goes over the wire to the gateway goes to the gateway alone."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe

from billing.payments import stripe_client


class _SendsElsewhere(BaseHTTPRequestHandler):
    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    _SendsElsewhere.asked = []
    server = HTTPServer(("127.0.0.1", 0), _SendsElsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/charges"
    server.shutdown()
    server.server_close()


def test_no_redirect_is_followed(address: str) -> None:
    with pytest.raises(stripe.APIConnectionError):
        stripe_client.new_http_client().request("POST", address, {"Authorization": "Bearer sk_test_1"}, "amount=1")

    assert _SendsElsewhere.asked == ["/v1/charges"]
