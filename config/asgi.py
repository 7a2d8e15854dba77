"""The ASGI application that uvicorn serves. It refuses to start with settings that the system checks call unsafe."""

import os
import sys
import warnings

from django.core.asgi import get_asgi_application
from django.core.checks import Tags, run_checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No page may keep PostgreSQL busy for longer, and none gains from compiled queries; workers have no such limit.
os.environ.setdefault("PGOPTIONS", "-c statement_timeout=5s -c jit=off")

# Static files are small, and read whole in a thread: WhiteNoise knows no asynchronous way.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

application = get_asgi_application()

_refusals = [problem for problem in run_checks(tags=[Tags.security]) if problem.is_serious()]
if _refusals:
    sys.exit("\n".join(f"{problem.id}: {problem.msg} {problem.hint}" for problem in _refusals))
