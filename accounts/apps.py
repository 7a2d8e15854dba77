"""Who people are, how they are related, what they allow."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Models can be imported only from here on.
        from accounts import entrance_log, sessions

        entrance_log.listen()
        sessions.listen()
