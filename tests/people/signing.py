"""What somebody does who signs in."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.test import TestResponse

from portal import database
from tests.cast import Visitor
from tests.letters import mail

SAM = "sam.rivera@example.org"


def ask(browser: Visitor, email: str = SAM, next: str = "/") -> TestResponse:
    return browser.post("/sign-in", {"email": email, "next": next})


def read_code(app: Flask) -> str:
    return str(mail(app, "people/code")["Subject"]).split(" ")[0]


def type_code(browser: Visitor, code: str, next: str = "/") -> TestResponse:
    return browser.post("/sign-in/code", {"code": code, "next": next})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def who(browser: Visitor) -> str | None:
    """Whom this browser's page greets."""
    found = re.search(r"Signed in as ([^<]+)<", browser.get("/you").text)
    return found and found[1]


def stored_text() -> str:
    """Every text the database keeps, of every table."""
    found = []
    for table in database.db.get_tables():
        for row in database.db.execute_sql(f'select * from "{table}"').fetchall():
            found += [value for value in row if isinstance(value, str)]
    return "\n".join(found)
