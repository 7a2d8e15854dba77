"""Addresses of the messaging pages. Ids are random; what is not yours is the same 404 as what never was."""

from django.urls import path

from messaging.views import (
    answers,
    away,
    compose,
    conversation,
    drafts,
    introductions,
    lists,
    people,
    profile,
    reach,
    requests,
    why,
)

app_name = "messaging"

urlpatterns = [
    path("inbox/", lists.inbox, name="inbox"),
    path("inbox/c/<slug:public_id>/", conversation.conversation, name="conversation"),
    path("inbox/c/<slug:public_id>/read/", conversation.mark_read, name="mark_read"),
    path("inbox/c/<slug:public_id>/unread/", conversation.mark_unread, name="mark_unread"),
    path("inbox/c/<slug:public_id>/archive/", conversation.archive, name="archive_conversation"),
    path("inbox/c/<slug:public_id>/restore/", conversation.restore, name="restore_conversation"),
    path("inbox/c/<slug:public_id>/answer/", answers.answer, name="answer"),
    path("inbox/c/<slug:public_id>/stop/", answers.stop, name="stop"),
    path("messages/<slug:public_id>/undo/", compose.undo, name="undo"),
    path("messages/<slug:public_id>/take-back/", answers.take_back, name="take_back"),
    path("messages/<slug:public_id>/change/", answers.change, name="change_answer"),
    path("requests/", requests.requests, name="requests"),
    path("awaiting/", lists.awaiting, name="awaiting"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("sent/", lists.sent, name="sent"),
    path("archive/", lists.archive, name="archive"),
    path("new/", compose.choose, name="compose_choose"),
    path("new/<slug:handle>/", compose.compose, name="compose"),
    path("new/<slug:handle>/quote/", compose.quote, name="quote"),
    path("new/<slug:handle>/draft/", drafts.save, name="draft_save"),
    path("new/<slug:handle>/draft/discard/", drafts.discard, name="draft_discard"),
    path("new/<slug:handle>/introduce/", introductions.introduce, name="introduce"),
    path("introductions/", introductions.introductions, name="introductions"),
    path("introductions/<slug:public_id>/forward/", introductions.forward, name="introduction_forward"),
    path("introductions/<slug:public_id>/keep-back/", introductions.keep_back, name="introduction_keep_back"),
    path("introductions/<slug:public_id>/accept/", introductions.accept, name="introduction_accept"),
    path("introductions/<slug:public_id>/decline/", introductions.decline, name="introduction_decline"),
    path("introductions/<slug:public_id>/withdraw/", introductions.withdraw, name="introduction_withdraw"),
    path("people/", people.people, name="people"),
    path("p/<slug:handle>/", profile.profile, name="profile"),
    path("settings/reach/", reach.reach, name="settings_reach"),
    path("settings/away/", away.away, name="settings_away"),
    path("settings/reach/summary/", reach.summary, name="reach_summary"),
    path("help/why/<slug:code>/", why.why, name="why"),
]
