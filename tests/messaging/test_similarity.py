"""How alike two texts are: runs of five words, the recipient's name and company aside (domain 8.2)."""

import pytest

from messaging.similarity import Alike, Personal, likeness, main_part, own_percent, pieces, runs

TEXT = (
    "Dear {name}, we look for somebody who leads a platform team in Berlin, and {company} does what we need to learn."
)
CHINESE = "{name}您好，我们正在柏林寻找一位平台团队负责人，想和您聊一聊这个机会。"


def _of(name: str, company: str, text: str = TEXT):
    return runs(text.format(name=name, company=company), without=Personal.of(name, company))


def test_the_name_and_the_company_make_no_difference():
    assert likeness(_of("Mei Tan", "Elbe Works"), _of("Tomás Lind", "Nordlicht")) == 1


def test_what_is_a_word_of_every_text_is_not_a_companys_own():
    assert Personal.of("Mei Tan", "Setty and Mistry S.A.").words == {"mei", "tan", "setty", "mistry"}
    assert Personal.of("Mei Tan", "IBM").words == {"mei", "tan", "ibm"}


def test_case_marks_and_punctuation_make_no_difference():
    assert likeness(runs("Café, at NINE: come and see us"), runs("cafe at nine come - and see us!")) == 1


@pytest.mark.parametrize(
    "disguised",
    [
        "we lo\u200bok for some\u00adbody who le\u2060ads a te\ufeffam",
        "we l\u043e\u043ek f\u043er s\u043emeb\u043edy wh\u043e l\u0435ads \u0430 t\u0435am",
        "WE L\u039f\u039fK F\u041eR S\u041eMEB\u041eDY WHO LE\u0391DS \u0410 TEAM",
        "\U0001d430e look for \uff53\uff4f\uff4d\uff45\uff42\uff4f\uff44\uff59 who leads a t\u00e9am",
    ],
)
def test_what_nobody_sees_and_letters_that_look_alike_make_no_difference(disguised):
    plain = runs("we look for somebody who leads a team")

    assert likeness(runs(disguised), plain) == 1
    assert all(part.is_shared for part in pieces(disguised, [Alike("1", 1, plain)]))


def test_a_subject_that_holds_more_than_the_body_is_what_is_compared():
    assert main_part("Work in Kiel", "Would you like to hear more?") == "Would you like to hear more?"
    assert main_part("We look for somebody who leads a team", ".") == "We look for somebody who leads a team"


def test_one_word_in_twenty_breaks_five_runs():
    one = [f"w{n}" for n in range(24)]
    other = [*one[:10], "else", *one[11:]]

    assert likeness(runs(" ".join(one)), runs(" ".join(other))) == 15 / 25


def test_nothing_is_like_nothing():
    assert likeness(runs(""), runs("")) == 0
    assert likeness(runs("Hello there"), runs("Hello there")) == 1
    assert likeness(runs("Hello there"), runs("Hello you")) == 0


def test_scripts_without_spaces_count_by_their_characters():
    one, other = _of("李明", "海河", CHINESE), _of("王小云", "长江", CHINESE)

    assert likeness(one, other) == 1
    assert len(one) > 20
    assert likeness(one, runs("今天天气很好，我们去公园散步，然后一起吃晚饭。")) == 0


def test_a_name_of_one_character_takes_no_word_out_of_the_text():
    assert runs("明天见，我们明天再说这件事", without=Personal.of("李明", "")) == runs("明天见，我们明天再说这件事")


def test_what_stands_in_another_text_too_is_marked_as_typed():
    other = Alike("1", 0.5, runs("We look for somebody who leads a team"))
    text = "Hello Mei! We look for somebody who leads a choir in Kiel."

    parts = pieces(text, [other], without=Personal.of("Mei Tan", ""))

    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_shared] == ["We look for somebody who leads a"]
    assert own_percent(parts) == 45
    assert own_percent(pieces(text, [])) == own_percent(pieces("", [other])) == 100
