"""The provider of single sign-on, as it is set: what is wrong is named, with what would be right."""

from __future__ import annotations

import pytest

from portal.errors import SettingsError
from portal.oidc import Oidc, read_oidc
from portal.settings import from_environment
from tests.kernel.test_settings import GOOD

ISSUER = "https://login.example.edu/realms/staff"
SET = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "portal"}


def test_none_is_set_and_codes_count() -> None:
    settings = from_environment(GOOD)
    assert (settings.oidc, settings.sso_only, from_environment({**GOOD, "SIGN_IN": "any"}).sso_only) == (
        None,
        False,
        False,
    )


def test_a_provider_with_the_least_and_with_all() -> None:
    assert read_oidc(SET) == Oidc(ISSUER, "portal", "login.example.edu")
    given = {"OIDC_CLIENT_SECRET": "s", "OIDC_BUTTON": "Example University", "OIDC_SCOPE": "openid email groups"}
    full = {**SET, **given, "OIDC_COORDINATOR_CLAIM": "groups:portal-coordinators"}
    assert read_oidc(full) == Oidc(
        ISSUER, "portal", "Example University", "s", "openid email groups", ("groups", "portal-coordinators")
    )
    assert from_environment({**GOOD, **SET, "SIGN_IN": "sso"}).sso_only is True


def test_the_secret_is_not_shown() -> None:
    assert "s3cret" not in repr(from_environment({**GOOD, **SET, "OIDC_CLIENT_SECRET": "s3cret"}))


@pytest.mark.parametrize(
    ("given", "claim", "value"),
    [
        ("groups:coordinators", "groups", "coordinators"),
        ("entitlement:urn:mace:example.edu:portal", "entitlement", "urn:mace:example.edu:portal"),
        ("https://example.org/groups:coordinators", "https://example.org/groups", "coordinators"),
        ("groups:Portal Coordinators", "groups", "Portal Coordinators"),
    ],
)
def test_a_claim_and_its_value(given: str, claim: str, value: str) -> None:
    oidc = read_oidc({**SET, "OIDC_COORDINATOR_CLAIM": given})
    assert oidc is not None
    assert oidc.coordinator == (claim, value)
    assert [oidc.makes_coordinator({claim: said}) for said in (value, [value], [], None, f"{value}s")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("issuer", ["http://localhost:9400", "http://127.0.0.1:9400", "http://[::1]:9400"])
def test_one_on_this_machine_needs_no_tls(issuer: str) -> None:
    assert read_oidc({**SET, "OIDC_ISSUER": issuer}) == Oidc(issuer, "portal", issuer.removeprefix("http://"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        *(
            ({"OIDC_ISSUER": issuer}, "OIDC_ISSUER")
            for issuer in ("", "login.example.edu", "http://login.example.edu", "https://", "https://a@b.example")
        ),
        *(
            ({"OIDC_ISSUER": issuer}, "OIDC_ISSUER")
            for issuer in (f"{ISSUER}?a=b", f"{ISSUER}#a", "https://b.example:x", "https://[", "https://b.example/\n")
        ),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"OIDC_BUTTON": "x" * 41}, "OIDC_BUTTON"),
        ({"OIDC_BUTTON": "a\nb"}, "OIDC_BUTTON"),
        ({"OIDC_BUTTON": " "}, "OIDC_BUTTON"),
        ({"OIDC_SCOPE": "email"}, "OIDC_SCOPE"),
        *(
            ({"OIDC_COORDINATOR_CLAIM": claim}, "OIDC_COORDINATOR_CLAIM")
            for claim in ("groups", "groups:", ":x", "a b:c")
        ),
        ({"SIGN_IN": "code"}, "SIGN_IN"),
        ({"SIGN_IN": "sso", "OIDC_ISSUER": "", "OIDC_CLIENT_ID": ""}, "SIGN_IN"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        from_environment({**GOOD, **SET, **changes})
