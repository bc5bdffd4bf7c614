"""What accounts hold about people."""

from __future__ import annotations

from portal.held import GONE, KEY, Part, Who, called, holds
from portal.mail.held import about
from portal.people.models import Block, Person, SignIn, SignInCode, SignInLink

called(Person.name)
holds(
    Person,
    Part(
        "account",
        Person.id,
        shows="email name headline time_zone is_coordinator created_at paused_until",
        erased={
            "email": "left-{id}",
            "name": GONE,
            "headline": "",
            "time_zone": "Etc/UTC",
            "is_coordinator": False,
            "created_at": 0,
            "paused_until": None,
        },
    ),
)
holds(
    SignIn,
    Part(
        "sign_ins",
        SignIn.person,
        shows="way browser at proved_at seen_at",
        untold={"token_hash": "it stands for the browser that is signed in"},
    ),
    plain={"id": KEY},
)
holds(
    SignInCode,
    Part(
        "sign_in_codes",
        SignInCode.email,
        shows="zone tries expires_at used_at",
        untold=dict.fromkeys(("seed", "browser"), "the code follows from it"),
    ),
    plain={"id": KEY},
)
holds(
    SignInLink,
    Part(
        "sign_in_links",
        SignInLink.person,
        shows="expires_at used_at",
        untold={"token_hash": "it stands for a link that signs in"},
    ),
    plain={"id": KEY},
)
holds(Block, Part("blocks", Block.person, shows="blocked at"), Part("", Block.blocked))


@about
def _letters(who: Who) -> list[str]:
    """About another address, to the one before."""
    return [f"person {who.id}"]
