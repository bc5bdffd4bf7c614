"""Where people are named by their e-mail address rather than by their key: that follows when an address changes."""

from __future__ import annotations

from collections.abc import Callable

Follower = Callable[[str, str], object]
"""Takes the old address and the new one, in the transaction of the change."""

_followers: list[Follower] = []


def is_somebodys(address: str) -> bool:
    """Whether mail can go there. Whoever left has what is no address."""
    return "@" in address


def follows(follower: Follower) -> Follower:
    """Let this be called whenever somebody's address changes."""
    _followers.append(follower)
    return follower


def follow(old: str, new: str) -> None:
    """Name whoever was named by the old address by the new one, everywhere."""
    for follower in _followers:
        follower(old, new)
