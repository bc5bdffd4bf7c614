"""The provider of single sign-on (OpenID Connect): where it signs people in, and what it says of who did.

Authlib writes the questions and knows the rules of an ID token. Its own client for Flask is left out: it keeps what it
has read for ever, believes any audience, and lets the provider choose which signatures count.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from portal.clock import now
from portal.errors import NotAllowedNow
from portal.oidc import Oidc
from portal.people.asking import object_of
from portal.people.codes import new_token
from portal.people.discovery import Discovery
from portal.people.models import NAME_LIMIT
from portal.people.signing_in import normal_email
from portal.text import EMAIL, clean_line

SKEW = 60
"""Seconds by which its clock may differ from ours."""
LONGEST_SUBJECT = 255
ALGORITHMS = [f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)]
"""Signatures with a key that it alone has: none with a shared one, and no token without."""
PARTS = frozenset({"email", "email_verified", "name"})
"""What we want to know of a person."""
STRANGE = (OAuthError, JoseError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
"""What is raised by an answer that is not as it should be."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What one browser is sent to the provider with. Each is asked once."""

    state: str
    """Comes back with the answer, so that it is known which browser asked."""
    nonce: str
    """Comes back inside the ID token, so that it is known to be the answer to this."""
    verifier: str
    """Fetches the token (PKCE), so that the code is of use to nobody else."""
    at: int
    """Epoch seconds."""
    again: bool
    """Whether to ask who it is even where the provider knows."""


def new_question(*, again: bool) -> Question:
    """One that nobody can guess."""
    return Question(new_token(), new_token(), new_token() + new_token(), int(now().timestamp()), again)


@dataclass(frozen=True)
class Said:
    """What the provider says of somebody, as far as it counts."""

    by: str
    """What people call the provider."""
    issuer: str
    subject: str
    email: str
    """In lower case, and verified by the provider; else empty."""
    name: str
    is_coordinator: bool
    proved_at: datetime | None
    """When they last showed there who they are; None where it does not tell."""


class Provider:
    """The provider, and where it sends people back to."""

    def __init__(self, oidc: Oidc, *, returns_to: str) -> None:
        self._oidc, self._returns_to = oidc, returns_to
        self._discovery = Discovery(oidc)

    def way_to(self, question: Question) -> str:
        """The address at which the provider asks who it is. Raises ProviderAway."""
        endpoint = self._discovery.about()["authorization_endpoint"]
        more = {"prompt": "login", "max_age": 0} if question.again else {}
        with self._asking() as asking:
            url, _ = asking.create_authorization_url(
                endpoint, state=question.state, nonce=question.nonce, code_verifier=question.verifier, **more
            )
        return str(url)

    def check_sender(self, issuer: str | None) -> None:
        """An answer names who sends it (RFC 9207), at least where the provider says that it does: what another one
        sends is no answer. Raises NotAllowedNow, and ProviderAway.
        """
        is_told = self._discovery.about().get("authorization_response_iss_parameter_supported") is True
        if issuer != self._oidc.issuer and (is_told or issuer is not None):
            raise self._not_proved(f"the answer names {issuer!r} as its sender")

    def answer(self, question: Question, code: str) -> Said:
        """Whom the provider has signed in, for the `code` that it gave the browser. Raises NotAllowedNow where that is
        not proved, and ProviderAway.
        """
        try:
            return self._ask(question, code)
        except STRANGE as error:
            raise self._not_proved(repr(error)) from error

    def _ask(self, question: Question, code: str) -> Said:
        endpoint = self._discovery.about()["token_endpoint"]
        with self._asking() as asking:
            token = asking.fetch_token(
                endpoint, grant_type="authorization_code", code=code, code_verifier=question.verifier
            )
            claims = self._checked(token, question)
            more = self._more(asking, claims)
        mail = more if "email" in more else claims  # verified by whoever names it
        return Said(
            by=self._oidc.name,
            issuer=self._oidc.issuer,
            subject=claims["sub"],
            email=_address(mail["email"]) if mail.get("email_verified") is True else "",
            name=clean_line(_text(claims.get("name") or more.get("name")))[:NAME_LIMIT].strip(),
            is_coordinator=self._oidc.makes_coordinator({**more, **claims}),
            proved_at=_proved_at(claims, question),
        )

    def _asking(self) -> Any:
        supported = self._discovery.about().get("token_endpoint_auth_methods_supported")
        is_posted = supported and "client_secret_basic" not in supported and "client_secret_post" in supported
        return self._discovery.asking(
            redirect_uri=self._returns_to,
            scope=self._oidc.scope,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post" if is_posted and self._oidc.client_secret else None,
        )

    def _checked(self, token: dict[str, Any], question: Question) -> dict[str, Any]:
        """What the ID token claims, where it is signed, for us, for this question and for now (OIDC Core 3.1.3.7)."""
        signed = self._signed(token["id_token"])
        wanted = {
            "iss": {"essential": True, "value": self._oidc.issuer},
            "aud": {"essential": True, "value": self._oidc.client_id},
        }
        known = {"nonce": question.nonce, "client_id": self._oidc.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(signed.claims, signed.header, wanted, known)
        claims.validate(now=int(now().timestamp()), leeway=SKEW)
        if not 1 <= len(claims["sub"]) <= LONGEST_SUBJECT or not claims["sub"].isprintable():
            raise ValueError("the subject is no name")
        return dict(claims)

    def _signed(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._discovery.keys(), registry=_registry())
        except InvalidKeyIdError:  # it signs by a new one
            return jwt.decode(token, self._discovery.keys(anew=True), registry=_registry())

    def _more(self, asking: OAuth2Session, claims: dict[str, Any]) -> dict[str, Any]:
        """What a token may leave out, and the provider tells whoever has it (OIDC Core 5.3)."""
        wanted = PARTS | ({self._oidc.coordinator[0]} if self._oidc.coordinator else set())
        endpoint = self._discovery.about().get("userinfo_endpoint")
        if endpoint is None or wanted <= claims.keys():
            return {}
        more = object_of(asking.get(endpoint))
        if more.get("sub") != claims["sub"]:
            raise ValueError("what it tells is of somebody else")
        return more

    def _not_proved(self, why: str) -> NotAllowedNow:
        log.warning("single sign-on at %s: %s", self._oidc.issuer, why)
        return NotAllowedNow(f"{self._oidc.name} did not confirm who you are. Nothing was changed. Please try again.")


def _registry() -> JWSRegistry:
    return JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


def _proved_at(claims: dict[str, Any], question: Question) -> datetime | None:
    said = claims.get("auth_time")
    if question.again and (said is None or said < question.at - SKEW):
        raise ValueError(f"signed in there at {said!r}, and was to be asked anew at {question.at}")
    return None if said is None else min(datetime.fromtimestamp(int(said), UTC), now())


def _text(value: object) -> str:
    """A text of JSON, which may have halves of letters in it that no database takes."""
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""


def _address(value: object) -> str:
    text = _text(value)
    email = normal_email(text)
    return email if text == value and len(email) <= 254 and EMAIL.fullmatch(email) else ""
