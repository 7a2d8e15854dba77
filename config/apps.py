"""The composition root as a Django app (commands, checks), and the admin site it installs."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HouseConfig(AppConfig):
    name = "config"
    default = True

    def ready(self) -> None:
        from config import checks  # noqa: F401


class ConsoleConfig(admin_apps.AdminConfig):
    default_site = "config.console.Console"
    default = False
