"""Credits and plans."""

from django.urls import path

from . import views
from .views import gifts, invoices, orders, payments

app_name = "billing"

urlpatterns = [
    path("credits/", views.credits_page, name="credits"),
    path("credits/ledger.csv", views.ledger_csv, name="ledger_csv"),
    path("credits/code/", gifts.code, name="code"),
    path("credits/refer/", gifts.refer, name="refer"),
    path("credits/refer/link/", gifts.make_link, name="refer_link"),
    path("r/<slug:code>/", gifts.come, name="come"),
    path("credits/buy/<int:credits>/", orders.buy, name="buy"),
    path("orders/<slug:public_id>/", orders.order, name="order"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<int:number>/", invoices.invoice, name="invoice"),
    path("payments/portal/", payments.portal, name="portal"),
    path("payments/stripe/", payments.payment_event, name="payment_event"),
    path("plan/", views.plan, name="plan"),
    path("plan/ask/<slug:code>/", views.ask, name="plan_ask"),
    path("plan/withdraw/", views.withdraw, name="plan_withdraw"),
    path("plan/cancel/", views.cancel, name="plan_cancel"),
    path("plan/resume/", views.resume, name="plan_resume"),
]
