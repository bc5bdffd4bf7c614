"""What a need asks for. Pure: a small list stands in for the curated one."""

from __future__ import annotations

import pytest

from portal.directory.need import FULL, LONGEST_NEED, LOOSE, MOST_TERMS, NARROW, Need, Vocabulary, correct, understand
from portal.mentors.topics import key_of

LIST = {
    "JavaScript": ("js", "ecmascript"),
    "Go": ("golang",),
    "Offer negotiation": ("job offer", "negotiate an offer", "salary"),
    "Front-end development": ("front end", "frontend"),
    "React": ("react.js", "react front end"),
    "C++": ("cpp",),
    "C": ("c language",),
    "Thesis statistics": ("regression",),
}
NAMES = dict(enumerate(LIST))
KNOWN = Vocabulary([(key_of(text), number) for number, name in NAMES.items() for text in (name, *LIST[name])], NAMES)


def read(typed: str) -> Need:
    return understand(typed, KNOWN)


def said(typed: str) -> list[str]:
    return [term.said for term in read(typed).terms]


def answers(typed: str) -> dict[str, float]:
    """How well each expertise answers its best term."""
    return {NAMES[topic]: max(weights.values()) for topic, weights in read(typed).topics.items()}


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (("js", "JavaScript", "ecmascript", "Java-Script js", "JS!"), "JavaScript"),
        (("go", "golang", "GoLang "), "Go"),
        (("front end", "front-end", "frontend", "Front-End", "FRONT_END"), "Front-end development"),
        (("c++", "cpp", "C++ "), "C++"),
        (("c", "C."), "C"),
    ],
)
def test_understand_every_way_to_write_an_expertise(spellings: tuple[str, ...], name: str) -> None:
    assert [answers(typed).get(name) for typed in spellings] == [FULL] * len(spellings)


def test_understand_keeps_apart_what_looks_alike() -> None:
    assert (answers("c"), answers("c++"), answers("go")) == ({"C": FULL}, {"C++": FULL}, {"Go": FULL})


def test_understand_takes_the_longest_phrase() -> None:
    assert said("help me negotiate a job offer please") == ["negotiate", "job offer"]
    assert said("react front end") == ["react front end"]


def test_understand_a_sentence() -> None:
    assert said("How do I read this regression output?") == ["read", "regression", "output"]
    assert answers("How do I read this regression output?") == {"Thesis statistics": FULL}
    assert answers("I need to negotiate a job offer") == {"Offer negotiation": FULL}


def test_understand_words_of_one_spelling_in_any_order() -> None:
    assert answers("offer that I could negotiate")["Offer negotiation"] == FULL


def test_understand_other_forms_of_a_word() -> None:
    need = read("negotiating offers ")
    assert [term.ways for term in need.terms] == [(("negoti",),), (("offer",),)]
    assert answers("negotiating offers ")["Offer negotiation"] == FULL


@pytest.mark.parametrize(
    ("typed", "weight"), [("negoti", NARROW), ("nego", LOOSE), ("nego ", None), ("n", None), ("offer ", NARROW)]
)
def test_understand_a_word_that_is_still_being_typed(typed: str, weight: float | None) -> None:
    assert answers(typed).get("Offer negotiation") == weight


def test_understand_only_the_last_word_is_still_being_typed() -> None:
    assert [term.is_open for term in read("wooden boa").terms] == [False, True]
    assert [term.is_open for term in read("wooden boa ").terms] == [False, False]
    assert [term.is_open for term in read("wooden js").terms] == [False, False]


def test_understand_two_things_asked_for() -> None:
    need = read("javascript and react")
    weights = {NAMES[topic]: dict(terms) for topic, terms in need.topics.items()}
    assert weights == {"JavaScript": {0: FULL}, "React": {1: FULL}}


def test_understand_a_whole_sentence_that_is_known_finds_its_kin() -> None:
    known = Vocabulary(
        [("plan my first thesis chapter", 1), ("thesis statistics", 2)], {1: "Planning", 2: "Thesis statistics"}
    )
    assert {
        topic: max(weights.values())
        for topic, weights in understand("plan my first thesis chapter", known).topics.items()
    } == {1: FULL, 2: LOOSE}


@pytest.mark.parametrize("typed", ["", " ", "how to", "the of and", "!!! ???", "😀", "\u202e", "a an the"])
def test_understand_what_says_nothing(typed: str) -> None:
    assert read(typed) == Need()


@pytest.mark.parametrize(("count", "read_as"), [(7, 7), (8, 8), (9, 8)])
def test_understand_up_to_eight_terms(count: int, read_as: int) -> None:
    assert MOST_TERMS == 8
    assert len(read(" ".join(f"word{number}" for number in range(count))).terms) == read_as


def test_understand_repeats_nothing() -> None:
    assert said("js js JS nothing nothing ") == ["js", "nothing"]


def test_understand_reads_so_far_and_no_further() -> None:
    assert said("x" * (LONGEST_NEED + 1) + " js") == ["x" * LONGEST_NEED]


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("javascrpit ", "javascript "),
        ("golnag ", "golang "),
        ("regresion output ", "regress output "),
        ("zzzzz ", None),
        ("jsx ", None),
        ("cpo ", None),
    ],
)
def test_correct_a_mistyped_word_by_the_closest_known(typed: str, corrected: str | None) -> None:
    need = read(typed)
    assert correct(need, [0], KNOWN) == corrected


def test_correct_leaves_what_found_something() -> None:
    assert correct(read("react javascrpit "), [1], KNOWN) == "react javascript "
    assert correct(read("javascrpit react "), [1], KNOWN) is None
