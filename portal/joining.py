"""Who may sign up. One rule for each process, like its limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Joining:
    """The sign-up rule of a programme."""

    domains: tuple[str, ...] = ()
    """Only addresses of these may sign up; any may where there is none. Who has an account signs in all the same."""

    def is_open_to(self, email: str) -> bool:
        """Whether somebody with this address, in lower case, may sign up."""
        return not self.domains or email.rpartition("@")[2] in self.domains


_joining = Joining()


def joining() -> Joining:
    """The sign-up rule of this programme."""
    return _joining


def set_joining(wanted: Joining) -> None:
    """Make this the rule of this process."""
    global _joining  # noqa: PLW0603  # one programme a process
    _joining = wanted
