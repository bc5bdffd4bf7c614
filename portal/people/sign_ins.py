"""The browsers somebody is signed in with: each is listed, and ends when they say so."""

from __future__ import annotations

from datetime import datetime, timedelta

from ua_parser import parse

from portal.clock import now
from portal.database import write
from portal.people import invited
from portal.people.audit import What, record
from portal.people.codes import fingerprint, new_token
from portal.people.models import LIFE, LONGEST, Person, SignIn
from portal.people.suspensions import check_may_enter
from portal.prepared import PreparedModels, once_for_each_engine, slot

SEEN_EVERY = timedelta(days=1)
"""Being seen is noted so often: each note makes remembered answers of the directory old."""


LONGEST_NAME = 80
SHOWN = 100


@write
def begin(person: Person, *, way: str, agent: str, proved_at: datetime | None = None) -> Person:
    """Sign this person in by a way ("code", "link", …), in a browser that names itself `agent`. Returns the person
    with what the browser's cookie is to hold as its id. `proved_at` is given where who this is was not shown just now.
    Raises ShutOut.
    """
    check_may_enter(person)
    token, instant = new_token(), now()
    person.sign_in = SignIn.create(
        person=person,
        token_hash=fingerprint(token),
        way=way,
        browser=browser_name(agent),
        at=instant,
        proved_at=proved_at or instant,
        seen_at=instant,
    )
    person.token = token
    invited.note_coming(person.email)
    record(What.SIGNED_IN, by=person, detail=way)
    return person


def person_of(token: str) -> Person | None:
    """Who is signed in, by what the cookie holds."""
    found: list[SignIn] = _by_token().models(token=fingerprint(token))
    if not found or not found[0].stands(now()) or found[0].person.is_suspended:
        return None
    sign_in = found[0]
    if sign_in.seen_at <= now() - SEEN_EVERY:
        _see(sign_in)
    person: Person = sign_in.person
    person.sign_in, person.token = sign_in, token
    return person


@once_for_each_engine
def _by_token() -> PreparedModels:
    return PreparedModels(SignIn.select(SignIn, Person).join(Person).where(SignIn.token_hash == slot("token")))


@write
def _see(sign_in: SignIn) -> None:
    SignIn.update(seen_at=now()).where(SignIn.id == sign_in.id).execute()


@write
def prove_again(person: Person, *, way: str, at: datetime | None = None) -> None:
    """This person has shown once more who they are: just now, or at this time. What was shown before by a strong way,
    or later, stays. What the cookie held until now is worth nothing any more: `person.token` is what it is to hold.
    """
    sign_in, person.token = person.sign_in, new_token()
    if sign_in is None:
        return
    changes = {} if sign_in.is_strong else {"way": way}
    proved_at = max(at or now(), sign_in.proved_at)
    changes["token_hash"] = fingerprint(person.token)
    SignIn.update(proved_at=proved_at, **changes).where(SignIn.id == sign_in).execute()
    record(What.PROVED_AGAIN, by=person, detail=way)


def sign_ins_of(person: Person) -> list[SignIn]:
    """Those that still count, the one seen last first, and no more than a page holds."""
    mine = (SignIn.person == person) & (SignIn.seen_at > now() - LIFE) & (SignIn.at > now() - LONGEST)
    return list(SignIn.select().where(mine).order_by(SignIn.seen_at.desc(), SignIn.id.desc()).limit(SHOWN))


@write
def end(key: int, *, person: Person) -> None:
    """Sign this person out of one browser. Of one that is not there, it does the same."""
    if SignIn.delete().where((SignIn.id == key) & (SignIn.person == person)).execute():
        is_here = person.sign_in is not None and person.sign_in.id == key
        record(What.SIGNED_OUT, by=person, detail="" if is_here else "another browser")


@write
def end_others(person: Person) -> None:
    """Sign this person out of all browsers but this one."""
    ended = SignIn.delete().where((SignIn.person == person) & (SignIn.id != person.sign_in)).execute()
    if ended:
        record(What.SIGNED_OUT, by=person, detail=f"all others: {ended}")


@write
def forget_old() -> None:
    """Browsers that have not come back are signed out already."""
    SignIn.delete().where((SignIn.seen_at <= now() - LIFE) | (SignIn.at <= now() - LONGEST)).execute()


def browser_name(agent: str) -> str:
    """What a browser calls itself, for people: "Chrome on Android"."""
    said = parse(agent[:500])
    browser = said.user_agent.family if said.user_agent else ""
    system = said.os.family if said.os else ""
    return " on ".join(filter(None, (browser, system)))[:LONGEST_NAME] or "A browser"
