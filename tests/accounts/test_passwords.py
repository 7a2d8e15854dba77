"""A password is more than the name of the site; anything else of ten characters may be one."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.fixture(autouse=True)
def elbe(settings):
    settings.SITE_NAME, settings.SITE_URL = "Elbe Alumni", "https://kontakt.example"


@pytest.mark.parametrize(
    "password", ["Postern2026!!", "PosternPostern1", "elbealumni2026", "Kontakt-Elbe-1", "InMail-InMail-7"]
)
def test_the_name_of_the_site_with_a_little_more_is_refused(password):
    with pytest.raises(ValidationError, match="little more than the name of this site"):
        validate_password(password)


@pytest.mark.parametrize("password", ["Sunshine2026!", "..football99", "PASSWORD1234", "1234567890", "qwertyuiop"])
def test_a_common_one_is_refused_whatever_is_around_it(password):
    with pytest.raises(ValidationError, match="common"):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "the elbe at low tide",
        "postern of the old keep",
        "sunshine 84719 20411",
        "          ",
        "ひみつのことばです。。",
        "x" * 64,
        "é" * 500,
    ],
)
def test_anything_longer_may_be_one_of_whatever_characters(password):
    validate_password(password)
