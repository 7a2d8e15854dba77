"""The composition root as a Django app (commands, checks), and the admin site it installs."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class HouseConfig(AppConfig):
    name = "config"
    default = True

    def ready(self) -> None:
        from config import checks  # noqa: F401
        from config.roles import set_up_roles

        # The last app of all to migrate: every permission exists by then.
        post_migrate.connect(set_up_roles, sender=apps.get_app_config("usersessions"))


class ConsoleConfig(admin_apps.AdminConfig):
    default_site = "config.console.Console"
    default = False
