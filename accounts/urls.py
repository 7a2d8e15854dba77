"""Addresses of the pages about people: connections, blocks, settings, and the stream of hints."""

from django.urls import path

from accounts.views import events, settings

app_name = "accounts"

urlpatterns = [
    path("settings/", settings.settings_index, name="settings"),
    path("settings/profile/", settings.profile, name="settings_profile"),
    path("settings/notices/", settings.notices, name="settings_notices"),
    path("settings/appearance/", settings.appearance, name="settings_appearance"),
    path("settings/shortcuts/", settings.shortcuts, name="settings_shortcuts"),
    path("unsubscribe/<str:token>/", settings.unsubscribe, name="unsubscribe"),
    path("events/", events.events, name="events"),
]
