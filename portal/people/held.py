"""What accounts hold about people."""

from __future__ import annotations

from portal.held import GONE, KEY, Part, Who, called, holds, leaving
from portal.mail.outbox import Outbox
from portal.people import mails
from portal.people.invited import mailbox_of
from portal.people.models import Audit, Block, Identity, Invitation, Person, SignIn, SignInCode, SignInLink
from portal.people.passkey_models import Challenge, Passkey

called(Person.name)
holds(
    Person,
    Part(
        "account",
        Person.id,
        shows="email name headline time_zone is_coordinator by_claim created_at paused_until passkey_declined_at"
        " suspended_at",
        erased={
            "email": "left-{id}",
            "name": GONE,
            "headline": "",
            "time_zone": "Etc/UTC",
            "is_coordinator": False,
            "by_claim": False,
            "created_at": 0,
            "paused_until": None,
            "passkey_declined_at": None,
            "suspended_at": None,
        },
    ),
)
holds(
    SignIn,
    Part(
        "sign_ins",
        SignIn.person,
        shows="way browser at proved_at seen_at",
        untold=dict.fromkeys(["token_hash"], "it stands for the browser that is signed in"),
    ),
    plain={"id": KEY},
)
holds(
    SignInCode,
    Part(
        "sign_in_codes",
        SignInCode.email,
        shows="digits zone tries expires_at used_at",
        untold=dict.fromkeys(("seed", "browser"), "the code follows from it") | {"known": "it names a browser"},
    ),
    plain={"id": KEY},
)
holds(
    SignInLink,
    Part(
        "sign_in_links",
        SignInLink.person,
        shows="expires_at used_at",
        untold=dict.fromkeys(["token_hash"], "it stands for a link that signs in"),
    ),
    plain={"id": KEY},
)
holds(
    Passkey,
    Part("passkeys", Passkey.person, shows="credential_id public_key sign_count transports name made_at used_at"),
    plain={"id": KEY},
)
holds(Identity, Part("accounts_elsewhere", Identity.person, shows="issuer subject at used_at"), plain={"id": KEY})
# Nothing in it names anybody but by key.
holds(
    Audit,
    Part("what_you_did", Audit.person, shows="what at by_person thing detail", erased={"person": None}),
    Part("", Audit.about, erased={"about": None}),
    plain={"id": KEY},
)
ASKED = "what a browser was asked to sign, for minutes and as a hash, before it is known who asks"
holds(Challenge, plain=dict.fromkeys(("challenge_hash", "browser", "expires_at"), ASKED))
holds(
    Invitation,
    Part(
        "invitations",
        lambda who: Invitation.mailbox == mailbox_of(who.email),
        shows="email name as_mentor at came_at",
        untold={"mailbox": "the address once more, in one spelling"},
    ),
    Part("", Invitation.by, erased={"by": None}),
    plain={"id": KEY},
)
holds(Block, Part("blocks", Block.person, shows="blocked at"), Part("", Block.blocked))


@leaving
def _forget_former_addresses(who: Who) -> None:
    """Each was told when the next took its place."""
    Outbox.delete().where(Outbox.subject == mails.subject_of(who.id)).execute()
