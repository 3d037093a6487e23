"""What is article and what is junk."""

import pytest

from articles.cleaning import BODY_KINDS, clean

BODY = (
    "OSLO: The foreign ministers of both countries met on Tuesday and agreed to reopen the border crossing that had been "
    "closed since the spring.\n\n"
    "“We have taken a first step,” one of them told reporters after the talks, which lasted for more than four hours.\n\n"
)


def searched(text, title=""):
    return [text[start:end] for start, end, kind in clean(text, title).segments if kind in BODY_KINDS]


def kinds(text, title=""):
    return {text[start:end]: kind for start, end, kind in clean(text, title).segments}


def test_the_first_line_is_the_headline_and_its_copies_are_set_aside():
    text = f"Ministers agree to reopen the border\n\nMinisters agree to reopen the border\n\n{BODY}"
    cleaned = clean(text)
    assert cleaned.title == "Ministers agree to reopen the border"
    assert [kind for _, _, kind in cleaned.segments][:2] == ["headline", "repeat"]


def test_a_standfirst_that_is_cut_off_and_repeated_is_set_aside():
    cut = "OSLO: The foreign ministers of both countries met on Tuesday and agreed to"
    assert kinds(f"Ministers agree on the border\n\n{cut}\n\n{BODY}")[cut] == "repeat"


@pytest.mark.parametrize(
    "junk",
    [
        "Leave a Reply\n\nYour email address will not be published. Required fields are marked *\n\n7 + three =",
        "Share this article\nFacebook\nTwitter\nWhatsApp",
        "Subscribe to our newsletter and never miss a story",
        "GACOR88 SLOT ONLINE\nGACOR88 LOGIN\nSLOT GACOR MAXWIN",
        "© 2019 The Example Times. All rights reserved.",
    ],
)
def test_junk_after_the_article_is_not_searched(junk):
    text = f"Ministers agree on the border\n\n{BODY}{junk}\n"
    found = "\n".join(searched(text))
    assert "border crossing" in found
    for line in junk.split("\n"):
        assert not line or line not in found


@pytest.mark.parametrize(
    "paragraph",
    [
        "Online casino and slot operators will have to pay a levy under the new gambling law, the ministry said on Monday.",
        "Readers leave a reply to every article, and moderators of the comment section read all of them, she said.",
        "“Share prices fell,” he said.",
        "No.",
        "Subscribe rates fell after the ministry of finance of Norway had raised the tax on telephone lines in the spring.",
    ],
)
def test_a_paragraph_of_the_body_is_never_set_aside(paragraph):
    text = f"Ministers agree on the border\n\n{BODY}{paragraph}\n\n{BODY.replace('OSLO', 'BERGEN').replace('first', 'second')}"
    assert paragraph in "\n".join(searched(text))


@pytest.mark.parametrize("text", ["", "\n\n", "x", "\u202e\n" * 50, "a" * 100_000, "<div>" * 5_000])
def test_odd_texts_break_nothing_and_offsets_hold(text):
    previous = 0
    for start, end, _ in clean(text).segments:
        assert previous <= start < end <= len(text)
        previous = end
