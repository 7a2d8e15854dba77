"""The product: who may write to whom, and what is written."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing import references


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        # Models can be imported only from here on.
        from messaging.references import describe

        references.register(describe)
