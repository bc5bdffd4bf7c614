"""Expertise: one topic however it is written; proposals that a coordinator lists, merges or leaves off."""

from __future__ import annotations

import pytest

from portal.errors import Stale
from portal.mentors import topics
from portal.mentors.models import Alias, Expertise, Mentor, MentorExpertise
from portal.mentors.topics import canonical, key_of, resolve
from tests.cast import make_mentor
from tests.conftest import Time


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("Front-End", "front end", " FRONT_END ", "front – end", "Front/End!"), "front end"),
        (("C++", "c++", " C++ "), "cplusplus"),
        (("C#", "c#", "C\uff03"), "csharp"),
        (("C", "c.", "(c)"), "c"),
        (("F#",), "fsharp"),
        ((".NET", ".net", " .Net"), "dotnet"),
        (("ASP.NET", "asp .net"), "asp dotnet"),
        (("Café", "CAFE", "cafe\u0301"), "cafe"),
        (("Straße", "STRASSE"), "strasse"),
        (("İstanbul", "istanbul"), "istanbul"),
        (("ﬁnance", "FINANCE"), "finance"),
        (("Ａｎｇｕｌａｒ", "angular"), "angular"),
        (("m²", "M2"), "m2"),
        (("日本語", "日本語"), "日本語"),
        (("", " ", "!!!", "_", "😀", "\u202e"), ""),
    ],
)
def test_key_is_one_for_all_spellings(spellings: tuple[str, ...], key: str) -> None:
    assert [key_of(text) for text in spellings] == [key] * len(spellings)


def test_key_keeps_apart_what_differs() -> None:
    names = ["C", "C++", "C#", "F#", "F", ".NET", "net", "Go", "Golang", "Java", "JavaScript", "R", "SQL", "T-SQL"]
    assert len({key_of(name) for name in names}) == len(names)


def test_curated_list_is_there_once_however_often_it_is_put_in(world: Time) -> None:
    before = (Expertise.select().count(), Alias.select().count())
    topics.install_curated()
    assert (Expertise.select().count(), Alias.select().count()) == before
    assert before[0] > 100
    assert resolve(["js"])[0].name == resolve(["ECMAScript"])[0].name == "JavaScript"


def test_every_curated_name_finds_itself(world: Time) -> None:
    names = topics.listed_names()
    assert [topic.name for topic in resolve(names)] == names


def test_resolve_keeps_the_order_and_repeats_nothing(world: Time) -> None:
    found = resolve(["golang", "JS", "go", "javascript", "", "Zorbology", "zorbology!"])
    assert [(topic.name, topic.status) for topic in found] == [
        ("Go", "listed"),
        ("JavaScript", "listed"),
        ("Zorbology", "proposed"),
    ]


def test_resolve_the_same_proposal_twice_is_one(world: Time) -> None:
    first = resolve(["Zorbology"])[0]
    assert resolve(["  ZORBOLOGY "])[0].id == first.id
    assert Expertise.select().where(Expertise.status == "proposed").count() == 1


def test_canonical_names_what_is_known_and_keeps_the_rest(world: Time) -> None:
    names = ["js", "  Deep   space ", "JavaScript", "golang", "!!!", "deep space"]
    assert canonical(names) == ("JavaScript", "deep space", "Go")
    assert Expertise.select().where(Expertise.status == "proposed").count() == 0


def proposed(*mentors: Mentor) -> Expertise:
    """Zorbology, which the cast's mentors below say they know."""
    assert len(mentors) == Mentor.select().count()
    found: Expertise = Expertise.get(Expertise.name == "Zorbology")
    return found


def names_of(mentor: Mentor) -> str:
    names: str = Mentor.get_by_id(mentor.person_id).topic_names
    return names


def test_accept_lists_it_under_a_better_name_and_renames_cards(world: Time) -> None:
    laila = make_mentor(expertise=("Zorbology", "Go"))
    proposal, before = proposed(laila), topics.edition()
    topics.accept(proposal, name="Zorb science", kind="studies")
    assert names_of(laila) == "Zorb science; Go"
    assert Mentor.get().version == laila.version + 1
    assert canonical(["zorbology", "zorb-science"]) == ("Zorb science",)
    assert ("Zorb science" in topics.listed_names(), topics.edition() > before) == (True, True)
    assert Expertise.get_by_id(proposal.id).kind == "studies"


def test_merge_makes_it_another_way_to_write_the_listed_one(world: Time) -> None:
    both = make_mentor("Both Knower", expertise=("Go", "Zorbology", "R"))
    one = make_mentor("One Knower", expertise=("Zorbology", "R"))
    go, before = resolve(["go"])[0], topics.edition()
    topics.merge(proposed(both, one), go)
    assert (names_of(both), names_of(one)) == ("Go; R", "Go; R")
    assert canonical(["Zorbology"]) == ("Go",)
    assert MentorExpertise.select().where(MentorExpertise.expertise == go).count() == 2
    assert (Expertise.get_or_none(Expertise.name == "Zorbology"), topics.edition() > before) == (None, True)


def test_merge_what_no_mentor_has_renames_nobody(world: Time) -> None:
    laila = make_mentor(expertise=("Go",))
    topics.merge(resolve(["Zorbology"])[0], resolve(["go"])[0])
    assert Mentor.get_by_id(laila.person_id).version == laila.version


def test_retire_leaves_it_with_the_mentor_and_offers_it_no_more(world: Time) -> None:
    laila = make_mentor(expertise=("Zorbology",))
    topics.retire(proposed(laila))
    assert names_of(laila) == "Zorbology"
    assert "Zorbology" not in topics.listed_names()
    assert resolve(["zorbology"])[0].status == "retired"


def test_decide_on_expertise_a_second_time_is_refused_and_changes_nothing(world: Time) -> None:
    laila = make_mentor(expertise=("Zorbology",))
    stale = proposed(laila)
    topics.accept(stale, name="Zorb science", kind="skill")
    go = resolve(["go"])[0]
    for second in (
        lambda: topics.accept(stale, name="Other", kind="career"),
        lambda: topics.merge(stale, go),
        lambda: topics.retire(stale),
    ):
        with pytest.raises(Stale, match="Somebody has decided on this expertise"):
            second()
    assert (names_of(laila), canonical(["zorbology"])) == ("Zorb science", ("Zorb science",))
