"""The hint when an objective looks too big for the length: rules that can be read and tested."""

from __future__ import annotations

import pytest

from portal.sessions.hints import WORDS, too_big
from tests.cast import Visitor

SENTENCES = "This is more than one sentence. Which one thing matters most?"
WORDY = "Long objectives are often several. Try it in fewer words."


def several(length: int) -> str:
    return f"These are several things for {length} minutes. Which one comes first?"


def a_lot(words: str, length: int) -> str:
    return f"“{words}” is a lot for {length} minutes. Which part would help you most now?"


def takes_longer(make: str, what: str, length: int) -> str:
    return f"To {make} a {what} takes longer than {length} minutes. What is its first step?"


FINE = (
    "A counter-offer I can send tomorrow",
    "A query that no longer times out",
    "An order for the first three features",
    "A way to read this regression table",
    "Know which of two offers to take",
    "Three questions to ask in my first one-to-one",
    "Find out why my test is flaky",
    "A first sentence for my cover letter",
    "Decide whether to use Postgres or SQLite",
    "Understand what this stack trace says",
    "One paragraph of my abstract that reads well",
    "Feel sure about the structure of my thesis chapter",
    "Say no to my manager without a fight",
    "Pick a title for my talk",
    "How to ask for a 4-day week",
    "A plan for my first week as team lead",
    "My pull request reviewed: is the naming clear?",
    "Get my docker build under five minutes",
    "Write the first line of my portfolio",
    "Learn one thing that my language course leaves out",
    "Complete my visa form",
    "Choose a master's programme",
    "Master thesis: is my question narrow enough?",
)
BIG = (
    ("Learn Python from scratch", 30, a_lot("from scratch", 30)),
    ("Everything about job interviews", 15, a_lot("Everything", 15)),
    ("Go through the whole codebase", 30, a_lot("whole", 30)),
    ("Master SQL", 60, a_lot("Master", 60)),
    ("How to master Kubernetes", 30, a_lot("master", 30)),
    ("Review my complete portfolio", 15, a_lot("complete", 15)),
    ("Build a website", 30, takes_longer("build", "website", 30)),
    ("Write my thesis", 15, takes_longer("write", "thesis", 15)),
    ("Learn a new language", 30, takes_longer("learn", "language", 30)),
    ("Redesign our app so that people like it", 30, takes_longer("redesign", "app", 30)),
    ("Fix my CV, my cover letter, and my profile", 30, several(30)),
    ("Salary and title and holidays", 15, several(15)),
    ("Negotiate my salary. Then plan my next year", 30, SENTENCES),
    ("Why is it slow? How can I make it faster?", 15, SENTENCES),
    ("Talk " + "very " * 15 + "long", 15, WORDY),
)


@pytest.mark.parametrize("objective", FINE)
@pytest.mark.parametrize("length", [15, 30, 60])
def test_what_fits_gets_no_hint(objective: str, length: int) -> None:
    assert too_big(objective, length) == ""


@pytest.mark.parametrize(("objective", "length", "hint"), BIG)
def test_what_is_too_big_gets_one_sentence(objective: str, length: int, hint: str) -> None:
    assert too_big(objective, length) == hint


@pytest.mark.parametrize("length", [15, 30, 60])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_too_many_words_for_the_length(length: int, more: int) -> None:
    objective = " ".join(["word"] * (WORDS[length] + more))
    assert too_big(objective, length) == (WORDY if more > 0 else "")


@pytest.mark.parametrize(
    ("things", "short", "hour"), [(1, False, False), (2, False, False), (3, True, False), (4, True, True)]
)
def test_too_many_things_for_the_length(things: int, short: bool, hour: bool) -> None:
    objective = " and ".join(["my CV", "my letter", "my site", "my talk"][:things])
    assert [too_big(objective, length) != "" for length in (15, 30, 60)] == [short, short, hour]


@pytest.mark.parametrize("objective", ["Build an app", "Write a book", "Create my portfolio"])
def test_an_hour_may_be_enough_to_make_something(objective: str) -> None:
    assert [bool(too_big(objective, length)) for length in (15, 30, 60)] == [True, True, False]


@pytest.mark.parametrize("objective", ["", " ", "x", "ß" * 160, "😀", "a" * 400, "()[]{}*+?", "and", ", , , ,"])
def test_odd_objectives_break_nothing(objective: str) -> None:
    assert isinstance(too_big(objective, 15), str)


def test_hint_page_answers_while_one_types(visitor: Visitor) -> None:
    def hint(query: str) -> tuple[int, str]:
        answer = visitor.part(f"/hint?{query}")
        return answer.status_code, answer.text.strip()

    fine = '<small id="objective-hint" role="status">One thing you can reach in 30 minutes.</small>'
    assert hint("length=30&objective=A+counter-offer") == (200, fine)
    status, said = hint("length=30&objective=Build+a+website")
    warning = '<span class="warn">To build a website takes longer than 30 minutes. What is its first step?</span>'
    assert (status, said) == (200, f'<small id="objective-hint" role="status">{warning}</small>')
    assert "&lt;script&gt;" not in hint("length=30&objective=%3Cscript%3E")[1]


@pytest.mark.parametrize(
    "query",
    ["", "length=", "length=x", "length=-5", "length=99999", "length=15&length=30", "objective=%00%ff&kind=%3Cb%3E"],
)
def test_hint_page_takes_whatever_is_sent(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/hint?{query}")
    assert (answer.status_code < 500, "<b>" in answer.text) == (True, False)
