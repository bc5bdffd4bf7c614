"""The filter of the directory: what the URL says, checked. And the times it allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from portal.availability.days import EVENING
from portal.availability.models import LENGTHS
from portal.availability.openings import DAY, instant_of, quarter_of
from portal.mentors.languages import LANGUAGES
from portal.mentors.models import FORMATS, KINDS
from portal.mentors.topics import key_of
from portal.text import clean_line
from portal.when import Reader

WHENS = {"": "Any time", "today": "Today", "week": "This week", "evenings": "Evenings", "weekend": "Weekend"}
LAST_PAGE = 10
LONGEST_NEED = 200


@dataclass(frozen=True)
class Filter:
    """What is looked for. The empty filter is everyone."""

    q: str = ""
    kind: str = ""
    length: int = 0
    format: str = ""
    language: str = ""
    expertise: str = ""
    when: str = ""
    page: int = 1

    def parameters(self, **changed: str | int) -> dict[str, str | int]:
        """The query string of this filter with something changed; what is not set is left out."""
        wanted = {**self.__dict__, "page": 1, **changed}
        default = {"page": 1}
        return {name: value for name, value in wanted.items() if value and value != default.get(name)}

    def url(self, **changed: str | int) -> str:
        """The address of this filter with something changed."""
        query = urlencode(self.parameters(**changed))
        return f"/?{query}" if query else "/"

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the need is set."""
        return any((self.kind, self.length, self.format, self.language, self.expertise, self.when))


def parse(given: dict[str, str]) -> Filter:
    """The filter of a query string. Raises ValueError with what is wrong and what would be right."""
    return Filter(
        q=clean_line(given.get("q"))[:LONGEST_NEED] + (" " if (given.get("q") or "").endswith(" ") else ""),
        kind=_one_of("kind", given, KINDS),
        length=int(_one_of("length", given, [str(length) for length in LENGTHS]) or 0),
        format=_one_of("format", given, FORMATS),
        language=_one_of("language", given, LANGUAGES),
        expertise="-".join(key_of(clean_line(given.get("expertise"))[:LONGEST_NEED]).split()),
        when=_one_of("when", given, WHENS),
        page=int(_one_of("page", given, [str(page) for page in range(1, LAST_PAGE + 1)]) or 1),
    )


def _one_of(name: str, given: dict[str, str], allowed: object) -> str:
    value = given.get(name, "")
    options = list(allowed)  # type: ignore[call-overload]
    if value and value not in options:
        shown = ", ".join(option for option in options if option) if len(options) < 12 else f"like {options[0]}"
        raise ValueError(f"“{name}” cannot be that. It is one of: {shown}.")
    return value


def allowed_quarters(when: str, reader: Reader, base: int, days: int) -> int:
    """The quarters from `base` that `when` allows, in the reader's zone. All of them for "".

    "Today" ends at midnight, "this week" is the next seven days, evenings begin as on a mentor's page.
    """
    count = days * DAY
    if when == "today":
        end = next(q for q in range(quarter_of(reader.now), base + count) if _date(q + 1, reader) > reader.today)
        return (1 << (end + 1 - base)) - 1
    if when == "week":
        return (1 << max(quarter_of(reader.now + timedelta(days=7)) - base, 0)) - 1
    if when in ("evenings", "weekend"):
        fits = _is_evening if when == "evenings" else _is_weekend
        bits = 0
        for step in range(count):
            if fits(instant_of(base + step).astimezone(reader.zone)):
                bits |= 1 << step
        return bits
    return (1 << count) - 1


def _date(quarter: int, reader: Reader) -> date:
    return reader.date(instant_of(quarter))


def _is_evening(local: datetime) -> bool:
    return local.hour >= EVENING


def _is_weekend(local: datetime) -> bool:
    return local.weekday() >= 5
