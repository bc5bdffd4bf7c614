"""Settings: read once from the environment; what is wrong is named, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.errors import SettingsError
from portal.limits import Limits
from portal.rates import Tally
from portal.settings import Settings, for_demo, from_environment

SECRET = "correct horse battery staple 1234"
GOOD = {
    "SECRET_KEY": SECRET,
    "PORTAL_URL": "https://mentoring.example.org",
    "MAIL_URL": "smtp://user:pass%2Fword@mail.example.org:587",
    "PORTAL_DATA": "/srv/portal",
}


def read(**changes: str | None) -> Settings:
    """The good environment with changes; None takes a variable out."""
    environ: dict[str, str | None] = {**GOOD, **changes}
    return from_environment({name: value for name, value in environ.items() if value is not None})


def test_read_good_settings() -> None:
    assert read() == Settings(
        secret_key=SECRET,
        portal_url="https://mentoring.example.org",
        mail_url="smtp://user:pass%2Fword@mail.example.org:587",
        data=Path("/srv/portal"),
        database_url="sqlite:////srv/portal/portal.db",
        demo=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_URL", "MAIL_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_read_without_a_needed_variable_names_it(name: str, value: str | None) -> None:
    with pytest.raises(SettingsError) as told:
        read(**{name: value})
    others = {"SECRET_KEY", "PORTAL_URL", "MAIL_URL"} - {name}
    assert (str(told.value).split(" ")[0], [other for other in others if other in str(told.value)]) == (name, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_URL", "mentoring.example.org"),
        ("PORTAL_URL", "ftp://mentoring.example.org"),
        ("PORTAL_URL", "https://"),
        ("PORTAL_URL", "https://mentoring.example.org/?a=b"),
        ("PORTAL_URL", "https://mentoring.example.org/#top"),
        ("PORTAL_URL", "https://mentoring.example.org:65536"),
        ("PORTAL_URL", "https://mentoring.example.org:eighty"),
        ("PORTAL_URL", "https://[::1"),
        ("MAIL_URL", "console"),
        ("MAIL_URL", "http://mail.example.org"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://user:hunter2@mail.example.org:smtp"),
        ("MAIL_URL", "smtp://user:hunter2@mail.example.org:65536"),
        ("DATABASE_URL", "mysql://user:hunter2@db.example.org/portal"),
        ("DATABASE_URL", "sqlite:portal.db"),
        ("DATABASE_URL", "portal.db"),
        ("DATABASE_URL", "postgresql://user:hunter2@db.example.org:port/portal"),
        ("REDIS_URL", "http://:hunter2@redis.example.org"),
        ("REDIS_URL", "redis://:hunter2@redis.example.org:port"),
        ("REDIS_URL", "redis://:hunter2@redis.example.org/zero"),
        ("REDIS_URL", "redis://:hunter2@redis.example.org/0?db=one"),
        ("REDIS_URL", "redis://"),
        ("RATE_FACTOR", "0"),
        ("RATE_FACTOR", "1001"),
        ("RATE_FACTOR", "1.5"),
    ],
)
def test_read_a_bad_value_names_the_variable_and_keeps_its_password(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(**{name: value})
    assert (str(told.value).split(" ")[0], "hunter2" in str(told.value)) == (name, False)


@pytest.mark.parametrize(("length", "accepted"), [(31, False), (32, True), (33, True)])
def test_secret_key_has_at_least_32_characters(length: int, accepted: bool) -> None:
    if accepted:
        assert read(SECRET_KEY="k" * length).secret_key == "k" * length
    else:
        with pytest.raises(SettingsError, match="at least 32 random characters"):
            read(SECRET_KEY="k" * length)


@pytest.mark.parametrize("port", ["0", "1", "65535"])
def test_ports_up_to_65535(port: str) -> None:
    assert read(PORTAL_URL=f"http://localhost:{port}").portal_url == f"http://localhost:{port}"


def test_defaults_keep_everything_in_instance() -> None:
    for value in (None, ""):
        settings = read(PORTAL_DATA=value, DATABASE_URL=value)
        assert settings.data == Path("instance")
        assert settings.database_url == f"sqlite:///{Path.cwd() / 'instance' / 'portal.db'}"


def test_database_url_may_name_either_kind() -> None:
    for url in ("sqlite:////srv/other.db", "postgresql://u:p@db.example.org:5432/portal", "postgres://db/portal"):
        assert read(DATABASE_URL=url).database_url == url


def test_limits_are_counted_where_the_programme_says_and_as_it_says() -> None:
    assert (read().redis_url, read().rate_factor, read(RATE_FACTOR="1000").rate_factor) == ("", 1, 1000)
    for url in ("redis://localhost", "rediss://u:p@redis.example.org:6380/2", "unix:///run/redis.sock"):
        assert read(REDIS_URL=url).redis_url == url
        Tally(url)  # the client can read what we let through


def test_portal_url_loses_its_last_slash() -> None:
    assert read(PORTAL_URL="https://mentoring.example.org/").portal_url == "https://mentoring.example.org"


@pytest.mark.parametrize(
    ("mail_url", "sender"),
    [
        ("console:", "portal@mentoring.example.org"),
        ("smtp://mail.example.org", "portal@mentoring.example.org"),
        ("smtp://mail.example.org?from=", "portal@mentoring.example.org"),
        ("smtp://mail.example.org?from=hello@example.org", "hello@example.org"),
        ("smtps://u:p@mail.example.org:465?from=a%2Bb@example.org", "a+b@example.org"),
    ],
)
def test_mail_comes_from_the_address_that_is_given(mail_url: str, sender: str) -> None:
    assert read(MAIL_URL=mail_url).mail_from == sender


def test_is_secure_where_people_come_over_tls() -> None:
    assert (read().is_secure, read(PORTAL_URL="http://localhost:8000").is_secure) == (True, False)


def test_demo_has_a_secret_of_its_own_and_stays_local(tmp_path: Path) -> None:
    one, other = (for_demo(data=tmp_path, port=8123) for _ in range(2))
    assert (one.demo, one.mail_url, one.portal_url) == (True, "console:", "http://127.0.0.1:8123")
    assert (one.database_url, one.secret_key == other.secret_key) == (f"sqlite:///{tmp_path}/portal.db", False)
    assert len(one.secret_key) == 64


@pytest.mark.parametrize(("given", "proxies"), [(None, 0), ("", 0), ("0", 0), ("1", 1), ("4", 4), ("5", 5)])
def test_proxies_are_trusted_where_they_are_told(given: str | None, proxies: int) -> None:
    assert read(TRUSTED_PROXIES=given).trusted_proxies == proxies


@pytest.mark.parametrize("given", ["6", "-1", "1.0", "*", "yes", "127.0.0.1", "１", "9" * 5000])
def test_proxies_that_are_no_number_are_named_with_what_would_be_right(given: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(TRUSTED_PROXIES=given)
    assert str(told.value) == f"TRUSTED_PROXIES must be a whole number from 0 to 5; it is {given!r}"


@pytest.mark.parametrize(("name", "limit"), [("MOST_UPCOMING", "upcoming"), ("MOST_MOVES", "moves")])
@pytest.mark.parametrize(("given", "most"), [(None, 3), ("", 3), ("1", 1), ("2", 2), ("99", 99), ("100", 100)])
def test_limits_are_what_the_programme_says(name: str, limit: str, given: str | None, most: int) -> None:
    assert read(**{name: given}).limits == Limits(**{limit: most})


@pytest.mark.parametrize("name", ["MOST_UPCOMING", "MOST_MOVES"])
@pytest.mark.parametrize("given", ["0", "101", "-1", "3.0", " 3", "three", "３", "9" * 5000, "1000000001"])
def test_limits_that_are_none_are_named_with_what_would_be_right(name: str, given: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(**{name: given})
    assert str(told.value) == f"{name} must be a whole number from 1 to 100; it is {given!r}"


@pytest.mark.parametrize(("given", "months"), [(None, 12), ("", 12), ("never", 0), ("1", 1), ("120", 120)])
def test_private_texts_are_removed_when_the_programme_says(given: str | None, months: int) -> None:
    assert read(PRIVATE_TEXT_MONTHS=given).limits == Limits(private_months=months)


@pytest.mark.parametrize("given", ["0", "121", "Never", "-1", "1.5", "a year", "９"])
def test_months_that_are_none_are_named_with_what_would_be_right(given: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(PRIVATE_TEXT_MONTHS=given)
    assert str(told.value) == f"PRIVATE_TEXT_MONTHS must be a whole number from 1 to 120, or never; it is {given!r}"


@pytest.mark.parametrize(
    ("given", "domains", "by_invitation"),
    [
        (None, (), False),
        ("open", (), False),
        ("Invitation", (), True),
        ("example.edu, Uni.Example.org", ("example.edu", "uni.example.org"), False),
        ("example.edu,invitation", ("example.edu",), True),
    ],
)
def test_who_may_sign_up(given: str | None, domains: tuple[str, ...], by_invitation: bool) -> None:
    assert read(SIGN_UP=given).limits == Limits(domains=domains, by_invitation=by_invitation)


@pytest.mark.parametrize("given", ["invited", "open,invitation", "example.edu,", ",", "@example.edu", "example edu"])
def test_a_rule_for_signing_up_that_is_none_is_named_with_what_would_be_right(given: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(SIGN_UP=given)
    right = "SIGN_UP must be open, invitation, or domains like example.edu,uni.example.org"
    assert str(told.value) == f"{right}; it is {given!r}"


@pytest.mark.parametrize(
    ("given", "needed"), [(None, "passkey"), ("", "passkey"), ("passkey", "passkey"), ("code", "code")]
)
def test_what_coordinators_need(given: str | None, needed: str) -> None:
    assert read(COORDINATORS_NEED=given).limits.coordinators_need == needed


@pytest.mark.parametrize("given", ["Passkey", "none", "code,passkey"])
def test_nothing_else_is_what_coordinators_need(given: str) -> None:
    with pytest.raises(SettingsError, match="COORDINATORS_NEED must be passkey or code"):
        read(COORDINATORS_NEED=given)


def test_coordinators_of_a_demo_need_a_code_alone(tmp_path: Path) -> None:
    assert for_demo(data=tmp_path, port=8000).limits.coordinators_need == "code"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Portal.example.org:8443/path", "portal.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://portal.localhost", "portal.localhost"),
        ("http://portal.example.org", ""),
        ("http://notlocalhost", ""),
        ("https://192.0.2.7", ""),
        ("https://[2001:db8::7]", ""),
        ("http://127.0.0.1:8000", ""),
    ],
)
def test_for_which_host_browsers_make_passkeys(url: str, host: str) -> None:
    assert read(PORTAL_URL=url).passkey_host == host
