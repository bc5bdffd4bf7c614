"""Making and using passkeys: what a device has signed for us, just now, for this browser, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.database import db, is_postgres
from portal.errors import NotAllowedNow, Refusal
from portal.people import passkeys
from portal.people.models import Person
from portal.people.passkey_models import Challenge, Passkey
from portal.people.passkey_proof import LIFE, Site, WrongPasskey, check_used, handle_of
from portal.people.passkeys import MOST, ask_to_make, ask_to_use, make, use
from tests.cast import make_person
from tests.conftest import Time
from tests.letters import told
from tests.people.device import HOST, ORIGIN, Device, data, text
from tests.people.signing import SAM, stored_text

SITE = Site(HOST, ORIGIN)
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)
SECOND = timedelta(seconds=1)


def made_by(device: Device, person: Person, *, browser: str = "phone", asks: str = "phone") -> Passkey:
    options = ask_to_make(person, browser=asks, site=SITE)
    return make(device.make(options), person=person, browser=browser, site=SITE, agent=PHONE)


def used_by(device: Device, *, browser: str = "phone", asks: str = "phone") -> Person:
    return use(device.use(ask_to_use(browser=asks, site=SITE)), browser=browser, site=SITE)


@pytest.fixture
def device(world: Time, mentee: Person) -> Device:
    """Sam's, with one passkey."""
    device = Device()
    made_by(device, mentee)
    world.pass_(hours=1)
    return device


def stored() -> list[tuple[Any, ...]]:
    return list(Passkey.select().order_by(Passkey.id).tuples())


def test_options_ask_for_what_is_found_without_a_name_and_sees_who_it_is(world: Time, mentee: Person) -> None:
    device = Device()
    made_by(device, mentee)
    asked = json.loads(ask_to_make(mentee, browser="phone", site=SITE))
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (asked["rp"], asked["attestation"]) == ({"name": "Micro-mentoring", "id": HOST}, "none")
    assert (asked["user"]["name"], asked["user"]["displayName"]) == (SAM, "Sam Rivera")
    assert asked["excludeCredentials"] == [{"id": text(device.id), "type": "public-key", "transports": ["internal"]}]
    asked = json.loads(ask_to_use(browser="phone", site=SITE))
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == (HOST, "required", [])
    assert (len(data(asked["challenge"])), asked["timeout"]) == (32, 300_000)


def test_a_passkey_that_was_made_signs_in_whose_it_is(world: Time, mentee: Person, stranger: Person) -> None:
    sams, mallorys = Device(), Device(count=7)
    made_by(sams, mentee)
    made_by(mallorys, stranger)
    world.pass_(hours=1)
    assert (used_by(sams), used_by(mallorys), used_by(sams)) == (mentee, stranger, mentee)
    rows = Passkey.select(Passkey.name, Passkey.transports, Passkey.sign_count, Passkey.made_at, Passkey.used_at)
    begun = world.now - timedelta(hours=1)
    assert list(rows.order_by(Passkey.id).tuples()) == [
        ("Chrome on Android", ("internal",), 2, begun, world.now),
        ("Chrome on Android", ("internal",), 8, begun, world.now),
    ]
    assert told() == [("people/passkey_added", SAM), ("people/passkey_added", stranger.email)]
    assert Challenge.select().count() == 0


def test_a_keychain_that_counts_nothing_signs_in_again_and_again(world: Time, device: Device, mentee: Person) -> None:
    for _ in range(3):
        assert used_by(device.but(count=-1)) == mentee
    assert Passkey.get().sign_count == 0


def test_the_database_holds_neither_challenge_nor_browser(world: Time, mentee: Person) -> None:
    challenge = json.loads(ask_to_make(mentee, browser="the browser", site=SITE))["challenge"]
    assert [secret in stored_text() for secret in (challenge, "the browser")] == [False, False]
    Challenge.update(browser=challenge).execute()
    assert challenge in stored_text()


FAULTS: dict[str, Callable[[Device], Device]] = {
    "another origin": lambda device: device.but(origin="http://evil.example"),
    "another port": lambda device: device.but(origin="http://localhost:81"),
    "another host": lambda device: device.but(host="example.org"),
    "it did not see who it is": lambda device: device.but(sees_who=False),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_make_refuses(world: Time, mentee: Person, fault: str) -> None:
    device = Device()
    with pytest.raises(WrongPasskey):
        made_by(FAULTS[fault](device), mentee)
    assert (stored(), told(), Challenge.select().count()) == ([], [], 0)
    assert made_by(device, mentee).person_id == mentee.id  # nothing else was wrong with it


USES = {
    **FAULTS,
    "a key of its own": lambda device: Device(id=device.id, handle=device.handle, count=5),
    "a passkey nobody knows": lambda device: device.but(id=b"unknown"),
    "the handle of somebody else": lambda device: device.but(handle=handle_of(make_person("Mallory Quinn"))),
    "no handle": lambda device: device.but(handle=""),
    "a count that goes back": lambda device: device.but(count=device.count - 2),
    "a count that stands": lambda device: device.but(count=device.count - 1),
}


@pytest.mark.parametrize("fault", USES)
def test_use_refuses(world: Time, device: Device, mentee: Person, fault: str) -> None:
    device.count = 4
    used_by(device)
    before = stored()
    with pytest.raises(WrongPasskey):
        used_by(USES[fault](device))
    assert (stored() == before, Challenge.select().count()) == (True, 0)
    assert used_by(device) == mentee  # nothing else was wrong with it


def test_an_answer_counts_once(world: Time, device: Device, mentee: Person) -> None:
    made = Device().make(ask_to_make(mentee, browser="phone", site=SITE))
    used = device.use(ask_to_use(browser="phone", site=SITE))
    make(made, person=mentee, browser="phone", site=SITE, agent="")
    use(used, browser="phone", site=SITE)
    before = stored()
    with pytest.raises(WrongPasskey, match="sent twice"):
        make(made, person=mentee, browser="phone", site=SITE, agent="")
    with pytest.raises(WrongPasskey, match="sent twice"):
        use(used, browser="phone", site=SITE)
    assert stored() == before


def test_of_two_uses_at_once_the_later_one_is_refused(
    world: Time, device: Device, mentee: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (device.use(ask_to_use(browser="phone", site=SITE)) for _ in range(2))

    def slowly(answer: str, **given: Any) -> int:
        count = check_used(answer, **given)
        if answer == one:
            assert use(other, browser="phone", site=SITE) == mentee
        return count

    monkeypatch.setattr(passkeys, "check_used", slowly)
    with pytest.raises(WrongPasskey):
        use(one, browser="phone", site=SITE)
    assert Passkey.get().sign_count == 2


def test_a_challenge_that_was_answered_wrongly_is_spent(world: Time, device: Device) -> None:
    options = ask_to_use(browser="phone", site=SITE)
    for attempt in (device.but(sees_who=False), device):
        with pytest.raises(WrongPasskey):
            use(attempt.use(options), browser="phone", site=SITE)


@pytest.mark.parametrize(("after", "counts"), [(LIFE - SECOND, True), (LIFE, False), (LIFE + SECOND, False)])
def test_a_challenge_counts_for_five_minutes(
    world: Time, device: Device, mentee: Person, after: timedelta, counts: bool
) -> None:
    used = device.use(ask_to_use(browser="phone", site=SITE))
    made = Device().make(ask_to_make(mentee, browser="phone", site=SITE))
    world.set(world.now + after)
    for answer in (
        lambda: use(used, browser="phone", site=SITE),
        lambda: make(made, person=mentee, browser="phone", site=SITE, agent=""),
    ):
        if counts:
            answer()
        else:
            with pytest.raises(WrongPasskey, match="took too long"):
                answer()
    passkeys.forget_old()
    assert (Challenge.select().count(), Passkey.select().count()) == (0, 1 + counts)


def test_a_challenge_counts_in_the_browser_that_was_asked(world: Time, device: Device, mentee: Person) -> None:
    with pytest.raises(WrongPasskey):
        used_by(device, browser="thief", asks="phone")
    with pytest.raises(WrongPasskey):
        made_by(Device(), mentee, browser="thief", asks="phone")
    assert (Passkey.select().count(), used_by(device), made_by(Device(), mentee).person_id) == (1, mentee, mentee.id)


def test_one_challenge_serves_no_other_purpose(world: Time, device: Device, mentee: Person) -> None:
    with pytest.raises(WrongPasskey):
        use(device.make(ask_to_make(mentee, browser="phone", site=SITE)), browser="phone", site=SITE)
    with pytest.raises(WrongPasskey):
        make(device.use(ask_to_use(browser="phone", site=SITE)), person=mentee, browser="phone", site=SITE, agent="")


def test_a_passkey_in_use_is_nobody_elses(world: Time, device: Device, stranger: Person) -> None:
    with pytest.raises(WrongPasskey, match="in use already"):
        made_by(Device(id=device.id), stranger)
    assert [row.person_id != stranger.id for row in Passkey.select()] == [True]


def test_who_is_erased_signs_in_no_more(world: Time, device: Device, mentee: Person) -> None:
    if is_postgres():  # decisions outlive people, whatever it takes
        db.execute_sql("alter table session_event disable trigger user")
    Person.delete().where(Person.id == mentee.id).execute()
    assert stored() == []
    with pytest.raises(WrongPasskey, match="not known here any more"):
        used_by(device)


def test_whoever_gets_their_number_is_known_by_another_handle(world: Time, mentee: Person) -> None:
    later = Person(id=mentee.id, created_at=mentee.created_at + SECOND)
    assert len({handle_of(mentee), handle_of(later)}) == 2


def test_there_are_twenty_at_the_most(world: Time, mentee: Person) -> None:
    late = [Device().make(ask_to_make(mentee, browser="phone", site=SITE)) for _ in range(2)]
    for _ in range(MOST - 1):
        made_by(Device(), mentee)
    make(late[0], person=mentee, browser="phone", site=SITE, agent="")
    with pytest.raises(NotAllowedNow):
        make(late[1], person=mentee, browser="phone", site=SITE, agent="")
    with pytest.raises(NotAllowedNow):
        ask_to_make(mentee, browser="phone", site=SITE)
    names = [passkey.name for passkey in passkeys.passkeys_of(mentee)]
    assert (len(names), len(set(names)), "Chrome on Android 19" in names) == (MOST, MOST, True)


DEEP = "[" * 5_000
NONSENSE = [
    *("", "null", "[]", "{}", '"x"', "\ud800", "x" * 20_000, DEEP),
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
    '{"id": 1, "rawId": [], "type": {}, "response": "x"}',
]


def parts(answer: str) -> list[str]:
    """What each answer consists of. What it says of transports is a hint, and may be anything."""
    return [*json.loads(answer), *(part for part in json.loads(answer)["response"] if part != "transports")]


def spoilt(answer: str, part: str, bad: object) -> str:
    """The answer with one part that no device sends."""
    whole = json.loads(answer)
    holder = whole if part in whole else whole["response"]
    holder[part] = bad
    return json.dumps(whole)


BAD = ["", "é", "AAAA", text(b"{}"), text(b"[]"), text(b"\xff" * 300), text(DEEP.encode()), 1, None, [], {}]


def test_whatever_is_sent_is_refused_in_a_sentence(world: Time, device: Device, mentee: Person) -> None:
    def used() -> str:
        return device.use(ask_to_use(browser="phone", site=SITE))

    def made() -> str:
        return Device().make(ask_to_make(mentee, browser="phone", site=SITE))

    before = stored()
    answers = [*NONSENSE, *(spoilt(used(), part, bad) for part in parts(used()) for bad in BAD)]
    answers += [spoilt(made(), part, bad) for part in parts(made()) for bad in BAD]
    for answer in answers:
        for verb in (lambda said: use(said, browser="phone", site=SITE), _make(mentee)):
            with pytest.raises(Refusal, match=r"^[A-Z].*\.$"):
                verb(answer)
    assert (stored() == before, len(answers) > 100) == (True, True)


def _make(person: Person) -> Callable[[str], object]:
    return lambda said: make(said, person=person, browser="phone", site=SITE, agent="")
