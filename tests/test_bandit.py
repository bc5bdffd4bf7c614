"""`make check` asks bandit for known holes in the code; what it is told to pass over says why."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PORTAL = Path(__file__).parent.parent / "portal"
PASSED_OVER = re.compile(r"# nosec\b(.*)")
WITH_REASON = re.compile(r" B\d{3}(,B\d{3})*  # \S.*\w")
HOLES = {
    "B608": 'def find(db, name):\n    return db.execute("select * from person where name = \'" + name + "\'")\n',
    "B602": "import subprocess\n\ndef run(command):\n    return subprocess.call(command, shell=True)\n",
    "B307": "def value(text):\n    return eval(text)\n",
    "B301": "import pickle\n\ndef read(data):\n    return pickle.loads(data)\n",
    "B324": "import hashlib\n\ndef fingerprint(token):\n    return hashlib.md5(token).hexdigest()\n",
    "B501": "import requests\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=9)\n",
    "B704": "from markupsafe import Markup\n\ndef shown(text):\n    return Markup(text)\n",
    "B701": "import jinja2\n\nenvironment = jinja2.Environment(autoescape=False)\n",
}


def exceptions(source: str) -> list[str]:
    """What follows each mark that bandit heeds."""
    return PASSED_OVER.findall(source)


def test_each_exception_names_its_rule_and_its_reason() -> None:
    found = [said for path in PORTAL.rglob("*.py") for said in exceptions(path.read_text(encoding="utf-8"))]
    assert (len(found) >= 5, [said for said in found if not WITH_REASON.fullmatch(said)]) == (True, [])


@pytest.mark.parametrize("line", ["x = 1  # nosec", "x = 1  # nosec B105", "x = 1  # nosec: B105  # for now"])
def test_an_exception_without_one_is_found(line: str) -> None:
    assert [said for said in exceptions(line) if not WITH_REASON.fullmatch(said)] != []


def test_bandit_finds_a_planted_hole_of_each_kind(tmp_path: Path) -> None:
    """The control, for the line of the Makefile."""
    for rule, source in HOLES.items():
        (tmp_path / f"{rule}.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", str(tmp_path), "--format", "json"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    found = {(Path(fault["filename"]).stem, fault["test_id"]) for fault in json.loads(asked.stdout)["results"]}
    assert (asked.returncode, {(rule, rule) for rule in HOLES} - found) == (1, set())


def test_make_check_asks_bandit() -> None:
    makefile = (PORTAL.parent / "Makefile").read_text(encoding="utf-8")
    check = makefile.partition("\ncheck:")[2].partition("\n\n")[0]
    assert "\t$(BIN)/bandit --quiet --recursive portal\n" in f"{check}\n"
