"""A table of contents of the product."""

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.views import list_usersessions
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from billing.views import home
from config import devmail, views

urlpatterns = [
    path("", home, name="home"),
    path("", include("accounts.urls")),
    path("", include("billing.urls")),
    path("", include("messaging.urls")),
    # Whoever finds a page left open may look at the sessions, and end none.
    path("accounts/sessions/", reauthentication_required(allow_get=True)(list_usersessions), name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("csp-report/", views.csp_report, name="csp_report"),
]

if settings.DEBUG:
    urlpatterns += [
        path("dev/mail/", devmail.mails, name="devmails"),
        path("dev/mail/<slug:name>/", devmail.mail, name="devmail"),
    ]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
