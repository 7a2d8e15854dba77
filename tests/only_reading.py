"""Looking changes nothing: watched statement by statement."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# A session may note a message for the next page, and limits of sign-in are counted in the cache.
MAY_BE_WRITTEN = re.compile(r'"(django_session|config_cache)"')


@contextmanager
def nothing_written() -> Iterator[None]:
    """Fails on the first statement that changes a row."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not WRITES.match(sql) or MAY_BE_WRITTEN.search(sql), f"a page that only shows wrote: {sql}"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield
