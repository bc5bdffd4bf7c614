"""A portal that a provider signs people in to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.oidc import Oidc
from portal.people.sso_views import provider_of
from portal.settings import Settings
from tests.people.signing import SAM
from tests.sso.provider import CLIENT, SECRET, Play, Provider, running


@pytest.fixture(scope="session")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Provider:
    """It has just been started, as far as anybody can tell, and Sam is signed in there."""
    person = {"sub": "sam-1", "email": SAM, "email_verified": True, "name": "Sam R."}
    server.play = Play(person=person)
    provider_of.cache_clear()
    return server


@pytest.fixture
def oidc(provider: Provider) -> Oidc:
    return Oidc(provider.issuer, CLIENT, "Example University", SECRET, coordinator=("groups", "coordinators"))


@pytest.fixture
def settings(settings: Settings, oidc: Oidc) -> Settings:
    return replace(settings, oidc=oidc)
