"""What a programme may set for everybody. One set for each process, like its clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one person may have at the most, when people are reminded, who may sign up, and what opens a coordinator's
    pages.
    """

    upcoming: int = 3
    """Upcoming sessions of a mentee."""
    moves: int = 3
    """Moves of one session."""
    remind_hours: tuple[int, ...] = (24, 1)
    """Hours before a session at which people are reminded, the longest first."""
    private_months: int = 12
    """So many months after a session its private texts are removed; 0 for never."""
    coordinators_need: str = "passkey"
    """Beside the code: "passkey" (or single sign-on); or "code" alone, as for everybody."""
    domains: tuple[str, ...] = ()
    """Only addresses of these may sign up; any may where there is none, unless by invitation. Who has an account
    signs in all the same, and who is invited may always sign up.
    """
    by_invitation: bool = False
    """Beside addresses of `domains`, only those who are invited may sign up."""

    def may_sign_up(self, email: str) -> bool:
        """Whether somebody with this address, in lower case, may sign up without being invited."""
        return email.rpartition("@")[2] in self.domains if self.domains else not self.by_invitation

    @property
    def ways_in(self) -> list[str]:
        """Who may sign up, for sentences: "with your address at example.edu". None where everybody may."""
        domains = [f"with your address at {' or '.join(self.domains)}"] if self.domains else []
        return domains + (["once you are invited"] if self.by_invitation else [])

    def may_change_to(self, email: str) -> bool:
        """Whether somebody who has an account may have this address, in lower case, for it."""
        return self.may_sign_up(email) or (self.by_invitation and not self.domains)


_limits = Limits()


def limits() -> Limits:
    """The limits of this programme."""
    return _limits


def set_limits(wanted: Limits) -> None:
    """Make these the limits of this process."""
    global _limits  # noqa: PLW0603  # one programme a process
    _limits = wanted
