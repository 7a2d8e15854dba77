"""Credits and plans."""

from django.urls import path, register_converter

from . import views
from .months import MonthConverter
from .views import gifts, how, invoices, orders, payments, plan_choices, pool, seat_offers, seats, team, team_plans

app_name = "billing"
register_converter(MonthConverter, "month")

urlpatterns = [
    path("credits/", views.credits_page, name="credits"),
    path("credits/ledger.csv", views.ledger_csv, name="ledger_csv"),
    path("credits/statement/<month:month>/", views.statement_page, name="statement"),
    path("credits/codes/", gifts.code, name="code"),
    path("credits/refer/", gifts.refer, name="refer"),
    path("credits/refer/link/", gifts.make_link, name="refer_link"),
    path("r/<slug:code>/", gifts.come, name="come"),
    path("credits/buy/<int:credits>/", orders.buy, name="buy"),
    path("orders/<slug:public_id>/", orders.order, name="order"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<int:number>/", invoices.invoice, name="invoice"),
    path("payments/portal/", payments.portal, name="portal"),
    path("payments/stripe/", payments.payment_event, name="payment_event"),
    path("help/credits/", how.how, name="how"),
    path("plan/", views.plan, name="plan"),
    path("plan/ask/<slug:code>/", plan_choices.ask, name="plan_ask"),
    path("plan/withdraw/", plan_choices.withdraw, name="plan_withdraw"),
    path("plan/change/<slug:code>/", plan_choices.change, name="plan_change"),
    path("plan/stay/", plan_choices.stay, name="plan_stay"),
    path("plan/cancel/", views.cancel, name="plan_cancel"),
    path("plan/resume/", views.resume, name="plan_resume"),
    path("team/", team.team, name="team"),
    path("team/plan/", team_plans.team_plan, name="team_plan"),
    path("team/card/", payments.team_portal, name="team_portal"),
    path("team/plan/choose/<slug:code>/", team_plans.choose, name="team_plan_choose"),
    path("team/plan/change/<slug:code>/", team_plans.change, name="team_plan_change"),
    path("team/plan/stay/", team_plans.stay, name="team_plan_stay"),
    path("team/plan/cancel/", team_plans.cancel, name="team_plan_cancel"),
    path("team/plan/resume/", team_plans.resume, name="team_plan_resume"),
    path("team/seats/", seats.team_seats, name="seats"),
    path("team/seats/<slug:public_id>/", seats.seat, name="seat"),
    path("team/seats/<slug:public_id>/park/", seats.park, name="seat_park"),
    path("team/seats/<slug:public_id>/unpark/", seats.unpark, name="seat_unpark"),
    path("team/seats/<slug:public_id>/remove/", seats.remove, name="seat_remove"),
    path("team/seats/<slug:public_id>/reassign/", seats.reassign, name="seat_reassign"),
    path("team/seats/<slug:public_id>/appoint/", seats.appoint, name="seat_appoint"),
    path("team/seats/<slug:public_id>/dismiss/", seats.dismiss, name="seat_dismiss"),
    path("team/invitations/<slug:public_id>/", seat_offers.seat_invitation, name="seat_invitation"),
    path("team/invitations/<slug:public_id>/withdraw/", seats.withdraw, name="seat_invitation_withdraw"),
    path("team/pool/", pool.pool, name="pool"),
    path("team/pool/buy/<int:credits>/", orders.buy_for_pool, name="pool_buy"),
    path("team/pool/ledger.csv", pool.pool_csv, name="pool_csv"),
    path("team/leave/", seat_offers.leave_team, name="team_leave"),
]
