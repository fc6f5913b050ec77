"""A kept codebook is the one that was checked; what is damaged, foreign or out of date is never used."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from stance import cache, codebook
from stance.errors import ConfigError
from tests.conftest import ROOT


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A codebook of one's own that has been read once, and a cache that holds it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "codebook.yaml"
    path.write_bytes((ROOT / "configs/codebook.yaml").read_bytes())
    cache.load(path)
    return path


def kept(book: Path) -> Path:
    (path,) = cache.folder().iterdir()
    return path


def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(path: Path) -> codebook.Codebook:
        raise AssertionError("read from YAML")

    monkeypatch.setattr(codebook, "load", no)


def test_what_is_kept_equals_what_was_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = codebook.load(book)
    unread(monkeypatch)
    again = cache.load(book)
    assert again == read
    assert again.digest == read.digest


def test_a_changed_codebook_is_read_and_kept_in_place_of_the_old(book: Path) -> None:
    book.write_text(book.read_text().replace("name: Astana process", "name: Astana format"))
    assert cache.load(book).process["astana"].name == "Astana format"
    assert '"name":"Astana format"' in kept(book).read_text()


@pytest.mark.parametrize("damage", ["byte", "cut", "empty", "binary", "forged", "other key"])
def test_a_damaged_cache_is_passed_over_and_mended(book: Path, damage: str) -> None:
    path = kept(book)
    whole = path.read_bytes()
    head, _, content = whole.partition(b"\n")
    if damage == "byte":
        path.write_bytes(whole.replace(b'"name":"Turkey"', b'"name":"Turkez"'))
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "binary":
        path.write_bytes(b"\xff\x00\x80")
    elif damage == "forged":  # the checksum fits, the schema does not
        wrong = json.dumps(json.loads(content) | {"actors": "all"}).encode()
        path.write_bytes(head.split()[0] + b" " + sha256(wrong).hexdigest().encode() + b"\n" + wrong)
    else:
        path.write_bytes(whole.replace(head, b"0" * 64 + head[64:]))
    assert path.read_bytes() != whole
    assert cache.load(book).actor["turkey"].name == "Turkey"
    assert path.read_bytes() == whole


def test_a_mistake_is_found_again_each_time(book: Path) -> None:
    book.write_text(book.read_text().replace("actors:", "actor:"))
    for _ in range(2):
        with pytest.raises(ConfigError, match="missing key 'actors'"):
            cache.load(book)


@pytest.mark.parametrize("where", ["a file", "nowhere"])
def test_without_a_place_to_keep_it_the_codebook_is_read(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "a file":
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    else:
        monkeypatch.delenv("XDG_CACHE_HOME")

        def homeless() -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", homeless)
    assert cache.load(book).actor["turkey"].name == "Turkey"
