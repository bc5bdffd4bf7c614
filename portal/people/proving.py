"""Codes by mail, with which somebody shows that an address is theirs. No stranger can keep them from it.

Who floods an address with requests or wrong codes cannot be told from its owner in a new browser, so an address is
never closed. What too many ask for is made harder to guess, and is sent less often, instead:

- **Six digits** count in the browser that asked and in no other, for 10 minutes and 5 tries, so nobody can use up the
  code of somebody else. An address is sent `OWN_CODES` of them in 24 hours: for all strangers together, and as many for
  each known browser, in which this person has signed in before (see `known_browsers`). What strangers do is not
  counted there, so the owner's own browser goes on as always.
- **Twelve digits** are for whoever asks beyond that, and for strangers while too many wrong codes of six came from
  their network, or from all together (`portal.rates`); then a stranger asks anew, also where six digits were on their
  way. All who ask for one address within ten minutes get the same twelve, in one mail, and they count for each of them
  until they are used: so the owner is never without a code, and a flood sends them six mails an hour at the most.

What guessing brings a stranger in a day, with 5 tries for each code: at one account, 10 codes * 5 / 1,000,000 =
0.005 %. From one network, at any accounts, 100 wrong codes / 1,000,000 = 0.01 %; from all networks together 1,000 /
1,000,000 = 0.1 % (without Redis each process counts for itself, so twice that with two). Against twelve digits, of
which four may count at once, a thousand networks that ask 600 times an hour: 1,000 * 600 * 24 * 5 * 4 / 10^12 =
0.03 %.

How often a network may ask at all is limited in `portal.rates`. That stops no other network and no known browser.
"""

from __future__ import annotations

from datetime import timedelta

from portal.clock import now
from portal.database import write
from portal.errors import Refusal
from portal.mail.kinds import Kind
from portal.people import mails
from portal.people.audit import What, record
from portal.people.codes import DIGITS, LONG, code_for, fingerprint, new_token, same
from portal.people.models import Person, SignInCode

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
OWN_CODES = 10
"""More than anybody needs in a day."""
COUNTED = timedelta(days=1)


class WrongCode(Refusal):
    """The code is not the one that was sent, or no longer counts. The message says what to do."""

    status = 422


class Guessed(WrongCode):
    """A code of six digits was typed that is not the one: who goes on may find one."""


@write
def send_code(
    kind: Kind, email: str, *, browser: str, zone: str, known: str = "", is_suspect: bool = False
) -> SignInCode:
    """Send a code by a letter of this kind, good for 10 minutes and 5 tries in this `browser`. `known` is its lasting
    name, where it knows the owner of this address; `is_suspect` where too many wrong codes came from where it is.
    """
    is_long = is_suspect or _asked_lately(email, known) >= OWN_CODES
    digits, seed = (LONG, _shared_seed(kind, email)) if is_long else (DIGITS, new_token())
    made: SignInCode = SignInCode.create(
        email=email,
        known=known,
        seed=seed,
        digits=digits,
        browser=fingerprint(browser),
        zone=zone,
        expires_at=now() + CODE_LIFE,
    )
    mails.code(kind, email, seed=seed, digits=digits, zone=zone)
    return made


def _asked_lately(email: str, known: str) -> int:
    """How many codes were asked for, up to the most that are counted. Two who ask at the same moment may both be the
    last.
    """
    same_queue = (SignInCode.email == email) & (SignInCode.known == known)
    lately = same_queue & (SignInCode.expires_at > now() + CODE_LIFE - COUNTED)
    return int(SignInCode.select(SignInCode.id).where(lately).limit(OWN_CODES).count())


def _shared_seed(kind: Kind, email: str) -> str:
    """The same for all who ask within ten minutes, until one of them has used it: then there is a new one."""
    used = SignInCode.select().where(_long_ones(email), SignInCode.used_at.is_null(False)).count()
    return fingerprint(f"{kind.name} {email} {int(now().timestamp()) // int(CODE_LIFE.total_seconds())} {used}")


def _long_ones(email: str) -> object:
    return (SignInCode.email == email) & (SignInCode.digits == LONG)


def use_code(typed: str, *, browser: str, secret_key: str, is_suspect: bool = False) -> SignInCode:
    """The code that this browser asked for last, if it is this one. It counts once. Raises WrongCode."""
    code = _count_try(browser)
    if code is None:
        raise WrongCode("This code has expired or was tried too often. Ask for a new one.")
    if is_suspect and code.digits < LONG:
        raise WrongCode("Too many wrong codes came from your network. Ask for a new code: it will be a longer one.")
    found = [seed for seed in _seeds_of(code) if same(typed, code_for(seed, secret_key, code.digits))]
    if not found:
        left = CODE_TRIES - code.tries
        if not left and code.digits < LONG:
            _note_refusals(code)
        raise (Guessed if code.digits < LONG else WrongCode)(
            f"This is not the code we sent. {left} {'try' if left == 1 else 'tries'} left."
            if left
            else "This is not the code we sent. Ask for a new one."
        )
    _use_code(found[0])
    return code


@write
def _note_refusals(code: SignInCode) -> None:
    """Once for all tries of a code, whether or not somebody has the address: guessing fills no shelves. Nor do long
    codes, of which there may be any number.
    """
    whose = Person.get_or_none(Person.email == code.email)
    record(What.CODE_REFUSED, by=None, about=whose, detail=f"{CODE_TRIES} tries")


def _seeds_of(code: SignInCode) -> list[str]:
    """What a browser may show: six digits are its own; of twelve, any that its address was sent and that still count,
    because the latest mail may be one that somebody else has asked for.
    """
    if code.digits < LONG:
        return [code.seed]
    counts = (SignInCode.expires_at > now()) & SignInCode.used_at.is_null()
    return [row.seed for row in SignInCode.select(SignInCode.seed).where(_long_ones(code.email), counts).distinct()]


@write
def _count_try(browser: str) -> SignInCode | None:
    code: SignInCode | None = (
        SignInCode.select()
        .where(SignInCode.browser == fingerprint(browser))
        .order_by(SignInCode.expires_at.desc())
        .first()
    )
    if code is None or code.used_at is not None or code.expires_at <= now():
        return None
    counted = (
        SignInCode.update(tries=SignInCode.tries + 1)
        .where((SignInCode.id == code.id) & (SignInCode.tries < CODE_TRIES))
        .execute()
    )
    code.tries += 1
    return code if counted else None


@write
def _use_code(seed: str) -> None:
    """For all browsers that asked for it."""
    used = SignInCode.update(used_at=now()).where((SignInCode.seed == seed) & SignInCode.used_at.is_null()).execute()
    if not used:
        raise WrongCode("This code has been used. Ask for a new one.")
