"""Nobody carries the directory home: pages about people are counted, a member at a time."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from accounts import clock, pace
from accounts.models import Member


@pytest.mark.django_db
def test_the_301st_page_about_people_in_a_quarter_of_an_hour_is_refused(
    browse, sender: Member, recipient: Member, at: datetime
) -> None:
    reader, other = browse(sender), browse(recipient)
    pages = [reverse("messaging:people"), recipient.get_absolute_url(), reverse("messaging:compose_choose")]
    with clock.set_to(at):
        for _page in range(pace.PAGES - len(pages)):
            pace.is_too_fast(member_id=sender.pk, at=at)
        assert [reader.get(page).status_code for page in pages] == [200] * 3
        assert [reader.get(page).status_code for page in pages] == [429] * 3
        answer = reader.get(pages[0])
        assert answer["Retry-After"] == "900"
        assert "Too fast" in answer.content.decode()
        assert reader.get(reverse("messaging:inbox")).status_code == 200
        assert other.get(pages[0]).status_code == 200
    with clock.set_to(at + timedelta(minutes=15)):
        assert reader.get(pages[0]).status_code == 200
