"""Addresses as people paste them: from a mail, a list, a spreadsheet. What cannot be used is told by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.people.invitations import Guest, invite
from portal.people.invited import mailbox_of
from portal.people.models import Person
from portal.people.signing_in import normal_email
from portal.text import EMAIL, clean_line

NAME_LIMIT = 80
_SEPARATOR = r"\s<>\"(),;:\[\]\\|"
# From a separator on, and never back: a long word without an @ is read once.
_ADDRESS = re.compile(rf"(?<![^{_SEPARATOR}])[^@{_SEPARATOR}]*+@[^{_SEPARATOR}]*+")
_AROUND = " \t.,;:<>()[]|\"'`“”‘’•*·–—-"
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NO_NAMES = {"", "and", "or", "to", "cc", "bcc", "mailto", "email", "e-mail", "mail"}


@dataclass(frozen=True)
class BadLine:
    """What cannot be used of what was pasted. `line` is the line it is on."""

    line: int
    typed: str
    reason: str
    is_to_fix: bool = False
    """Whether another spelling could be right."""


@dataclass
class Pasted:
    """What was found: whom to invite, by line, and what is no address."""

    guests: list[tuple[int, Guest]]
    bad: list[BadLine]

    def __len__(self) -> int:
        return len(self.guests) + len(self.bad)


def read(text: str) -> Pasted:
    """The addresses in a text, each with the name beside it where there is one."""
    pasted = Pasted([], [])
    for number, line in enumerate(text.split("\n"), 1):
        for found in _read_line(clean_line(_UNSEEN.sub("", line))):
            if isinstance(found, Guest):
                pasted.guests.append((number, found))
            else:
                pasted.bad.append(BadLine(number, *found, is_to_fix=True))
    return pasted


def _read_line(line: str) -> Iterator[Guest | tuple[str, str]]:
    """Those to invite; of the rest what was typed, and what is wrong with it."""
    found = list(_ADDRESS.finditer(line))
    starts = [0, *(match.end() for match in found)]
    names = [_name(line[start : match.start()]) for start, match in zip(starts, found, strict=False)]
    rest = _name(line[starts[-1] :])
    if len(found) == 1 and not names[0]:
        names, rest = [rest], ""  # "ana@example.org, Ana Lima"
    for match, name in zip(found, names, strict=True):
        email = normal_email(match[0].strip(_AROUND))
        if len(email) <= 254 and EMAIL.fullmatch(email):
            yield Guest(email, name if len(name) <= NAME_LIMIT else "")
        else:
            yield match[0][:NAME_LIMIT], "this is no e-mail address"
    if rest:
        yield rest[:NAME_LIMIT], "there is no e-mail address with it"


def _name(text: str) -> str:
    name = re.sub(r"^\d+[.)]?(?=\s|$)", "", text.strip(_AROUND)).strip(_AROUND)
    return "" if name.casefold() in _NO_NAMES else name


@dataclass(frozen=True)
class Report:
    """What became of it."""

    invited: int
    bad: list[BadLine]

    @property
    def to_fix(self) -> str:
        """What can be typed anew."""
        return "\n".join(bad.typed for bad in self.bad if bad.is_to_fix)


def invite_pasted(pasted: Pasted, *, as_mentor: bool, coordinator: Person) -> Report:
    """Invite all that can be. Of one address that is there twice, the first counts."""
    first: dict[str, tuple[int, Guest]] = {}
    bad = list(pasted.bad)
    for line, guest in pasted.guests:
        at, same = first.setdefault(mailbox_of(guest.email), (line, guest))
        if same is not guest:
            bad.append(BadLine(line, guest.email, f"the same as on line {at}"))
    why_not = invite([guest for _, guest in first.values()], as_mentor=as_mentor, coordinator=coordinator)
    bad += [BadLine(first[mailbox][0], first[mailbox][1].email, reason) for mailbox, reason in why_not.items()]
    return Report(len(first) - len(why_not), sorted(bad, key=lambda one: one.line))
