"""Addresses of the pages about people: connections, blocks, settings, and the stream of hints."""

from django.urls import path

from accounts.views import blocks, connections, events, notices, settings

app_name = "accounts"

urlpatterns = [
    path("connections/", connections.connections_page, name="connections"),
    path("connections/invitations/", connections.invitations, name="invitations"),
    path("connections/invitations/<slug:handle>/accept/", connections.accept, name="invitation_accept"),
    path("connections/invitations/<slug:handle>/ignore/", connections.ignore, name="invitation_ignore"),
    path("connections/invitations/<slug:handle>/restore/", connections.restore, name="invitation_restore"),
    path("connections/invitations/<slug:handle>/withdraw/", connections.withdraw, name="invitation_withdraw"),
    path("connections/invite/<slug:handle>/", connections.invite, name="invite"),
    path("connections/end/<slug:handle>/", connections.disconnect, name="disconnect"),
    path("p/<slug:handle>/block/", blocks.block, name="block"),
    path("p/<slug:handle>/unblock/", blocks.unblock, name="unblock"),
    path("settings/", settings.settings_index, name="settings"),
    path("settings/profile/", settings.profile, name="settings_profile"),
    path("settings/notices/", settings.notices, name="settings_notices"),
    path("settings/appearance/", settings.appearance, name="settings_appearance"),
    path("settings/shortcuts/", settings.shortcuts, name="settings_shortcuts"),
    path("settings/blocked/", blocks.settings_blocked, name="settings_blocked"),
    path("settings/blocked/<slug:handle>/lift/", blocks.lift_stop, name="lift_stop"),
    path("unsubscribe/<str:token>/", settings.unsubscribe, name="unsubscribe"),
    path("notices/", notices.notices_page, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<slug:public_id>/open/", notices.open_notice, name="notice_open"),
    path("events/", events.events, name="events"),
]
