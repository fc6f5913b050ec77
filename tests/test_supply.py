"""What a release installs: pinned with hashes, within the ranges that the program asks for, listed, and without known holes."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import distributions
from typing import Any

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BOM: dict[str, Any] = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
ADVISORIES = yaml.safe_load((ROOT / "tests/cases/advisories.yaml").read_text(encoding="utf-8"))
RELEASED = ("archive", "report")  # the extras that are locked too; torch has another hash on each index
PYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "python_version": "3.11", "python_full_version": "3.11.7"}  # fmt: skip


def entries() -> list[tuple[Requirement, list[str]]]:
    """The lock's pins, each with its hashes."""
    joined = LOCK.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return [(Requirement(line.partition("--hash")[0]), re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line)) for line in lines]  # fmt: skip


def versions(requirement: Requirement) -> Version:
    (pin,) = requirement.specifier
    assert pin.operator == "=="
    return Version(pin.version)


def locked(name: str) -> list[Version]:
    return [versions(r) for r, _ in entries() if canonicalize_name(r.name) == canonicalize_name(name)]


ASKED = [*PROJECT["dependencies"], *(r for extra in RELEASED for r in PROJECT["optional-dependencies"][extra])]


@pytest.mark.parametrize("asked", ASKED)
def test_the_lock_has_what_the_program_asks_for(asked: str) -> None:
    requirement = Requirement(asked)
    found = locked(requirement.name)
    assert found, "make lock"
    assert all(version in requirement.specifier for version in found), "make lock"


def test_every_pin_has_hashes_and_no_address() -> None:
    pins = entries()
    assert len(pins) > 50
    assert [str(r) for r, hashes in pins if not hashes or r.url] == []
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_the_bill_of_materials_lists_what_the_lock_installs() -> None:
    applying = {
        (canonicalize_name(r.name), str(versions(r)))
        for r, _ in entries()
        if r.marker is None or Marker(str(r.marker)).evaluate(PYTHON)
    }
    listed = {(canonicalize_name(c["name"]), c["version"]) for c in BOM["components"]}
    assert listed == applying, "make sbom"
    assert (BOM["bomFormat"], BOM["metadata"]["component"]["name"]) == ("CycloneDX", "stance")
    assert BOM["metadata"]["component"]["version"] == PROJECT["version"]


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory["package"])
def test_no_version_with_a_known_hole(advisory: dict[str, Any]) -> None:
    name, safe = canonicalize_name(advisory["package"]), advisory["safe"]
    installed = [d.version for d in distributions() if canonicalize_name(d.metadata["Name"]) == name]
    if safe is None:
        assert locked(name) == []
    else:
        assert all(version >= Version(safe) for version in (*locked(name), *map(Version, installed)))
