"""A real SMTP server that keeps what it takes, or refuses, or hangs."""

import asyncio
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from config.devstack import free_port


class Sink:
    """`mode`: ok, later (451 to the recipient), later_data, never (550), never_data, hang, hang_on_quit."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.mails: list[Message] = []
        self.recipients: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mode == "hang":
            await asyncio.sleep(60)
        if self.mode in {"later", "never"}:
            return "451 try later" if self.mode == "later" else "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.mode in {"later_data", "never_data"}:
            return "452 no room" if self.mode == "later_data" else "554 looks like spam"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        if self.mode == "hang_on_quit":
            await asyncio.sleep(60)
        return "221 Bye"


class RunningSink(Sink):
    """Up from `start` to `stop`, both of which may be repeated at the same port."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None
