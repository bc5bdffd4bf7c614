"""Passkeys, and the challenges that their devices sign."""

from __future__ import annotations

import peewee

from portal.database import Reference, Table, UTCDateTime, Words
from portal.people.models import Person


class Passkey(Table):
    """What one device, or one keychain shared by several, signs a person in with. Nothing here is a secret."""

    id = peewee.AutoField()
    person_id: int

    person = Reference(Person, on_delete="CASCADE", index=True)
    credential_id = peewee.TextField(unique=True)
    """What the device calls it, in base64url."""
    public_key = peewee.TextField()
    """A COSE key (RFC 9052), in base64url."""
    sign_count = peewee.BigIntegerField()
    """How often the device says it has signed. Keychains that share passkeys say 0."""
    transports = Words()
    """How a browser reaches the device: "internal", "usb", …"""
    name = peewee.TextField()
    made_at = UTCDateTime()
    used_at = UTCDateTime(null=True)
    """When it last signed somebody in, or showed that it is still them."""


class Challenge(Table):
    """What one browser was asked to have signed, once and soon. Only hashes of both are stored."""

    challenge_hash = peewee.TextField(primary_key=True)
    browser = peewee.TextField()
    expires_at = UTCDateTime(index=True)
