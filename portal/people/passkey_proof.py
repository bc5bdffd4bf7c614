"""What browsers are asked about passkeys, and whether it is true what they answer. Pure (WebAuthn level 3, 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import webauthn
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.errors import Refusal
from portal.people.models import Person
from portal.people.passkey_models import Passkey

Params = ParamSpec("Params")
Result = TypeVar("Result")

LIFE = timedelta(minutes=5)
"""So long a challenge counts, and a browser waits for its device."""
PORTAL = "Micro-mentoring"
"""What devices call us."""
LONGEST_ANSWER = 16_384
LONGEST_ID = 1_364
"""Characters of base64url: 1,023 bytes, as the specification has it (7.1, step 25)."""


class WrongPasskey(Refusal):
    """What the browser sent signs nobody in. The message says what to do."""

    status = 422


@dataclass(frozen=True)
class Site:
    """Where passkeys count: the `host` they are made for, and the `origin` of our pages."""

    host: str
    origin: str


@dataclass(frozen=True)
class Made:
    """A passkey that a device has just made."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True)
class Used:
    """Which passkey an answer says it is from, and which challenge it has signed. Nothing of it is proved yet."""

    credential_id: str
    challenge: str
    handle: str


def to_make(person: Person, *, challenge: str, site: Site, known: Iterable[Passkey]) -> str:
    """What to ask a browser for a new passkey of this person, as JSON: one that is found without a name, on a device
    that sees to it that it is them, and that has none of the `known`.
    """
    selection = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.REQUIRED,
        require_resident_key=True,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=PORTAL,
        user_id=webauthn.base64url_to_bytes(handle_of(person)),
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=webauthn.base64url_to_bytes(challenge),
        timeout=int(LIFE.total_seconds() * 1000),
        authenticator_selection=selection,
        exclude_credentials=[_descriptor(passkey) for passkey in known],
    )
    return webauthn.options_to_json(options)


def to_use(*, challenge: str, site: Site) -> str:
    """What to ask a browser for any passkey it has for us, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=webauthn.base64url_to_bytes(challenge),
        timeout=int(LIFE.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(passkey.credential_id), transports=transports)


def handle_of(person: Person) -> str:
    """By what a device knows whose passkey it is. It says nothing of the person, and no later one has the same, whose
    id is given anew.
    """
    seed = f"passkeys of person {person.id} since {int(person.created_at.timestamp())}"
    return bytes_to_base64url(hashlib.sha256(seed.encode()).digest())


def _or_refused(check: Callable[Params, Result]) -> Callable[Params, Result]:
    """Whatever is wrong with an answer, it is refused in one sentence: the parsers raise what they come across."""

    @wraps(check)
    def checked(*given: Params.args, **named: Params.kwargs) -> Result:
        try:
            return check(*given, **named)
        except Exception as error:
            raise WrongPasskey("That passkey did not work here. Please try again.") from error

    return checked


@_or_refused
def challenge_made(answer: str) -> str:
    """The challenge that the answer of a new passkey says it has signed. Raises WrongPasskey."""
    return _challenge(parse_registration_credential_json(_short(answer)).response)


@_or_refused
def used(answer: str) -> Used:
    """What the answer of a passkey says. Raises WrongPasskey."""
    said = parse_authentication_credential_json(_short(answer))
    handle = bytes_to_base64url(said.response.user_handle or b"")
    return Used(bytes_to_base64url(said.raw_id), _challenge(said.response), handle)


def _short(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("an answer is shorter")
    return answer


def _challenge(response: Any) -> str:
    return bytes_to_base64url(parse_client_data_json(response.client_data_json).challenge)


@_or_refused
def check_made(answer: str, *, challenge: str, site: Site) -> Made:
    """A new passkey, made for us with this challenge by a device that saw to it who it is. Raises WrongPasskey."""
    verified = webauthn.verify_registration_response(
        credential=answer,
        expected_challenge=webauthn.base64url_to_bytes(challenge),
        expected_rp_id=site.host,
        expected_origin=site.origin,
        require_user_verification=True,
    )
    credential_id = bytes_to_base64url(verified.credential_id)
    if len(credential_id) > LONGEST_ID:
        raise ValueError("an id is shorter")
    transports = parse_registration_credential_json(answer).response.transports or []
    public_key = bytes_to_base64url(verified.credential_public_key)
    named = tuple(sorted({transport.value for transport in transports}))
    return Made(credential_id, public_key, verified.sign_count, named)


@_or_refused
def check_used(answer: str, *, passkey: Passkey, challenge: str, site: Site) -> int:
    """How often this passkey has signed, if it has signed this challenge for us on a device that saw to it who it is,
    and not as an older copy of itself would. Raises WrongPasskey.
    """
    verified = webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=webauthn.base64url_to_bytes(challenge),
        expected_rp_id=site.host,
        expected_origin=site.origin,
        credential_public_key=webauthn.base64url_to_bytes(passkey.public_key),
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=True,
    )
    return verified.new_sign_count
