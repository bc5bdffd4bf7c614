"""A mentor's photo: chosen in the profile form, looked at by a coordinator, then public."""

from __future__ import annotations

import io
import random
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from portal import create_app
from portal.mentors import photos, profile
from portal.mentors.models import Mentor, Photo, Revision
from portal.mentors.pictures import photo_from
from portal.mentors.profile import content_of, mentor_of
from portal.moderation import decisions
from portal.people.models import Person
from portal.programme.imports import import_mentors
from portal.settings import Settings
from tests.cast import Visitor, make_session
from tests.conftest import Time
from tests.mentors.pictures import encoded, png_of, quarters, talkative
from tests.mentors.test_profile_page import GOOD, wrong

TYPED = {**GOOD, "kinds": ["skill"], "formats": ["video", "phone", "in_person"]}
FIRST, SECOND = encoded(quarters(400)), encoded(quarters(200).rotate(90))


def save(browser: Visitor, picture: bytes | None = None, name: str = "me.jpg", **typed: Any) -> TestResponse:
    file = {} if picture is None else {"photo": FileStorage(BytesIO(picture), name)}
    return send(browser, "/profile", {"csrf_token": browser.token(), **TYPED, **typed, **file})


def send(browser: Visitor, path: str, data: dict[str, Any]) -> TestResponse:
    """In memory: what the test client itself writes to disk it leaves open."""
    body, _, boundary = stream_encode_multipart(MultiDict(data), use_tempfile=False)
    return browser.client.post(path, data=body.read(), content_type=f"multipart/form-data; boundary={boundary}")


def test_a_file_in_place_of_a_text_is_told_as_a_text_that_is_missing(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for name in ("headline", "kinds", "kept_photo", "remove_photo", "about"):
        answer = save(sam, **{name: FileStorage(BytesIO(b"a text"), "about.txt")})
        assert (name, answer.status_code) == (name, 422 if name in ("headline", "kinds") else 303)
    assert profile.content_of(Revision.get()).about == ""


def shown(page: TestResponse) -> list[str]:
    """The photos on a page."""
    return re.findall(r'<img class="avatar large" src="(/photos/[0-9a-f]{32}\.jpg)"', page.text)


def statuses(path: str, *browsers: Visitor) -> list[int]:
    return [browser.get(path).status_code for browser in browsers]


def approve(coordinator: Person, what: str = "approve") -> None:
    revision = Revision.get(Revision.status == "submitted")
    decisions.decide_on_profile(revision, what, version=revision.version, reason="Smile", coordinator=coordinator)


def test_a_photo_is_public_once_a_coordinator_has_seen_it(
    app: Flask, visitor: Visitor, mentee: Person, coordinator: Person, stranger: Person
) -> None:
    sam, inga, mallory = Visitor(app, mentee), Visitor(app, coordinator), Visitor(app, stranger)
    assert save(sam, FIRST).location == "/profile/preview"
    (path,) = shown(sam.get("/profile/preview"))
    assert statuses(path, sam, inga, mallory, visitor) == [200, 404, 404, 404]
    assert sam.get(path).headers["Cache-Control"] == "private, no-store"
    sam.post("/profile/submission")
    assert shown(inga.get("/coordinator")) == [path, path]
    assert statuses(path, sam, inga, mallory, visitor) == [200, 200, 404, 404]
    approve(coordinator)
    assert statuses(path, sam, inga, mallory, visitor) == [200] * 4
    assert shown(visitor.get("/mentors/sam-rivera")) == [path]
    assert 'alt="Sam Rivera"' in visitor.get("/mentors/sam-rivera").text
    assert shown(visitor.get("/")) == []


def test_a_changed_photo_waits_beside_the_old_one_and_the_old_one_goes(
    app: Flask, visitor: Visitor, mentee: Person, coordinator: Person
) -> None:
    sam, inga = Visitor(app, mentee), Visitor(app, coordinator)
    save(sam, FIRST)
    sam.post("/profile/submission")
    approve(coordinator)
    (old,) = shown(visitor.get("/mentors/sam-rivera"))
    save(sam, SECOND)
    sam.post("/profile/submission")
    (new,) = shown(sam.get("/profile"))
    revision = Revision.get(Revision.status == "submitted")
    assert shown(inga.get(f"/moderation/profiles/{revision.id}")) == [new, old, new]
    assert shown(visitor.get("/mentors/sam-rivera")) == [old]
    assert (statuses(old, visitor), statuses(new, visitor)) == ([200], [404])
    approve(coordinator)
    assert shown(visitor.get("/mentors/sam-rivera")) == [new]
    assert (statuses(old, visitor, sam, inga), statuses(new, visitor)) == ([404] * 3, [200])
    assert Photo.select().count() == 1


def test_a_rejected_photo_goes_and_the_public_one_stays(app: Flask, mentee: Person, coordinator: Person) -> None:
    sam, inga = Visitor(app, mentee), Visitor(app, coordinator)
    save(sam, FIRST)
    sam.post("/profile/submission")
    approve(coordinator)
    (old,) = shown(sam.get("/mentors/sam-rivera"))
    save(sam, SECOND)
    sam.post("/profile/submission")
    revision = Revision.get(Revision.status == "submitted")
    approve(coordinator, "ask")
    assert len(shown(inga.get(f"/moderation/profiles/{revision.id}"))) == 3
    sam.post("/profile/submission")
    approve(coordinator, "reject")
    assert [row.hash for row in Photo.select()] == [Mentor.get().photo]
    page = inga.get(f"/moderation/profiles/{revision.id}")
    assert (page.status_code, set(shown(page))) == (200, {old})
    assert shown(sam.get("/profile")) == [old]


def test_remove_photo_is_a_change_like_others(
    app: Flask, visitor: Visitor, mentee: Person, coordinator: Person
) -> None:
    sam = Visitor(app, mentee)
    save(sam, FIRST)
    sam.post("/profile/submission")
    approve(coordinator)
    (path,) = shown(visitor.get("/mentors/sam-rivera"))
    assert "Remove photo" in sam.get("/profile").text
    save(sam, remove_photo="yes")
    assert (shown(sam.get("/profile/preview")), shown(visitor.get("/mentors/sam-rivera"))) == ([], [path])
    assert "Remove photo" not in sam.get("/profile").text
    sam.post("/profile/submission")
    assert "<ins>no photo</ins>" in Visitor(app, coordinator).get("/coordinator").text
    approve(coordinator)
    assert (shown(visitor.get("/mentors/sam-rivera")), Photo.select().count()) == ([], 0)
    assert statuses(path, visitor, sam) == [404, 404]


def test_saving_something_else_leaves_the_photo(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    save(sam, FIRST)
    (path,) = shown(sam.get("/profile"))
    for sent in ({}, {"kept_photo": ""}, {"kept_photo": "0" * 32}, {"kept_photo": "x\u2028" * 9_000}):
        assert (save(sam, headline="Chemist", **sent).status_code, shown(sam.get("/profile"))) == (303, [path])
    assert sam.post("/profile", {**TYPED, "photo": "no file"}).status_code == 303
    assert save(sam, b"", name="").status_code == 303  # what browsers send where no file is chosen
    assert shown(sam.get("/profile")) == [path]


def test_with_something_else_to_put_right_the_photo_is_kept(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for picture in (FIRST, SECOND):
        answer = save(sam, picture, headline="")
        assert (answer.status_code, wrong(answer.text, "headline") is not None) == (422, True)
        assert (Revision.select().count(), Photo.select().count()) == (0, 1)
    (path,) = shown(answer)
    (kept,) = re.findall(r'name="kept_photo"[^>]* value="(\w{32})"', answer.text)
    assert statuses(path, sam) == [200]
    assert save(sam, kept_photo=kept).status_code == 303
    assert (shown(sam.get("/profile")), content_of(Revision.get()).photo) == ([path], kept)


def test_a_photo_that_was_never_named_goes_after_a_day(app: Flask, world: Time, mentee: Person, mentor: Mentor) -> None:
    photos.keep(photo_from(FIRST), person=mentor.person)
    sam, laila = Visitor(app, mentee), Visitor(app, mentor.person)
    save(laila, SECOND)
    save(sam, FIRST, headline="")
    photos.forget_old()
    assert Photo.select().count() == 2
    world.pass_(days=1, seconds=1)
    photos.forget_old()
    assert [row.person_id for row in Photo.select()] == [mentor.person_id]


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (b"", "This file is empty. Choose a photo."),
        (b"\xff\xd8" + b"\0" * 9 * 1024**2, "At most 8 MB, please. Choose a smaller photo."),
        (b"<svg onload='alert(1)'/>", "This is not a photo that we can read. Choose a JPEG, PNG or WebP."),
        (png_of(30_000, 30_000), "At most 16 million pixels, please. Choose a smaller photo."),
        (FIRST[:-200], "This photo is damaged, so we cannot read it. Choose another."),
    ],
    ids=range(5),
)
def test_a_bad_photo_is_told_and_nothing_typed_is_lost(app: Flask, mentee: Person, picture: bytes, said: str) -> None:
    sam = Visitor(app, mentee)
    save(sam, FIRST)
    (path,) = shown(sam.get("/profile"))
    before = list(Revision.select().tuples()), Photo.select().count()
    answer = save(sam, picture, headline="Chemist")
    assert (answer.status_code, wrong(answer.text, "photo")) == (422, said)
    assert ('value="Chemist"' in answer.text, shown(answer)) == (True, [path])
    assert (list(Revision.select().tuples()), Photo.select().count()) == before


def test_only_this_form_takes_much_and_only_of_people(app: Flask, visitor: Visitor, mentee: Person) -> None:
    sam, much = Visitor(app, mentee), b"\0" * 300_000
    file = {"photo": FileStorage(BytesIO(much), "a")}
    assert send(visitor, "/profile", file).status_code == 413
    assert send(sam, "/you", {"photo": FileStorage(BytesIO(much), "a")}).status_code == 413
    assert save(sam, b"\0" * 17 * 1024**2).status_code == 413
    assert save(sam, FIRST, about="x" * 300_000).status_code == 413
    assert save(sam, FIRST + much).status_code == 303


def test_a_photo_is_an_image_and_nothing_else(
    app: Flask, visitor: Visitor, mentee: Person, coordinator: Person
) -> None:
    sam = Visitor(app, mentee)
    save(sam, talkative("JPEG"), name="../../evil.html\0.svg")
    sam.post("/profile/submission")
    approve(coordinator)
    (path,) = shown(visitor.get("/mentors/sam-rivera"))
    found = visitor.get(path)
    headers = {
        name: found.headers[name] for name in ("Content-Type", "Content-Security-Policy", "X-Content-Type-Options")
    }
    assert headers == {
        "Content-Type": "image/jpeg",
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    assert (found.data, "Set-Cookie" in found.headers) == (bytes(Photo.get().content), False)
    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert sam.get(path).headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert visitor.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    for bad in (
        "/photos/x.jpg",
        "/photos/.jpg",
        f"/photos/{'0' * 32}.jpg",
        f"{path}%00",
        path.upper(),
        f"/photos/{'é' * 999}.jpg",
    ):
        assert (bad, visitor.get(bad).status_code in (400, 404)) == (bad, True)


def test_a_hidden_mentors_photo_is_hidden(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    laila, sam, inga = Visitor(app, mentor.person), Visitor(app, mentee), Visitor(app, coordinator)
    path = f"/sessions/{make_session(mentor, mentee).ref}"
    assert shown(sam.get(path)) == []
    save(laila, FIRST)
    laila.post("/profile/submission")
    approve(coordinator)
    (photo,) = shown(sam.get(path))
    assert shown(laila.get(path)) == []
    profile.hide(mentor)
    assert (statuses(photo, sam, laila, inga), shown(sam.get(path))) == ([404, 200, 200], [])


@pytest.mark.own_app
def test_where_the_directory_is_for_members_so_are_photos(
    settings: Settings, app: Flask, mentee: Person, coordinator: Person, stranger: Person
) -> None:
    sam = Visitor(app, mentee)
    save(sam, FIRST)
    sam.post("/profile/submission")
    approve(coordinator)
    path = f"/photos/{Mentor.get().photo}.jpg"
    closed = create_app(replace(settings, members_only=True))
    seen = Visitor(closed, stranger).get(path)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, max-age=31536000, immutable")
    assert (statuses(path, Visitor(closed)), statuses(path, Visitor(app))) == ([404], [200])


def test_nobody_names_a_photo_of_somebody_else(app: Flask, mentor: Mentor, mentee: Person) -> None:
    theirs = photos.keep(photo_from(FIRST), person=mentor.person)
    save(Visitor(app, mentee), kept_photo=theirs)
    assert content_of(Revision.get(Revision.mentor == mentee.id)).photo == ""
    revision = profile.save_draft(replace(content_of(Revision.get()), photo=theirs), person=mentee)
    assert content_of(revision).photo == ""


def test_two_people_with_the_same_photo(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    both = Visitor(app, mentor.person), Visitor(app, mentee)
    for browser in both:
        save(browser, FIRST)
    (path,) = {shown(browser.get("/profile"))[0] for browser in both}
    assert statuses(path, *both, Visitor(app, coordinator)) == [200, 200, 404]
    save(both[0], remove_photo="yes")
    assert statuses(path, *both) == [404, 200]


def test_an_import_leaves_the_photo(app: Flask, mentee: Person, coordinator: Person) -> None:
    sam = Visitor(app, mentee)
    save(sam, FIRST)
    sam.post("/profile/submission")
    approve(coordinator)
    (name,) = [row.hash for row in Photo.select()]
    header = "name,email,headline,expertise,languages,time_zone,formats"
    rows = f"{header}\nSam Rivera,{mentee.email},Imported,Go,en,Etc/UTC,chat\n"
    first, second = (import_mentors(io.StringIO(rows, newline=""), publish=True) for _ in range(2))
    found = mentor_of(mentee)
    assert found is not None
    assert (first.changed, second.unchanged, found.headline, found.photo) == (1, 1, "Imported", name)


def test_no_picture_breaks_the_page(app: Flask, mentee: Person) -> None:
    sam, chance, valid = Visitor(app, mentee), random.Random(7), talkative("PNG")
    codes = set()
    for number in range(20):
        mutated = bytearray(valid)
        for _ in range(number):
            mutated[chance.randrange(len(valid))] = chance.randrange(256)
        codes.add(save(sam, bytes(mutated)).status_code)
    assert codes == {303, 422}
