"""Input that is meant to end the command: it yields rows, a reject or one line, in bounded memory, and nothing beside.

Some of these took hours, a core dump or all memory once; none has a limit of its own but that of every test.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stance import predict
from tests.conftest import ROOT
from tests.hostile import targets

GOOD = "Talks on Syria open in Astana\nTurkey said it would attend the Astana talks."
PAGE = f"<html><body><article><h1>Talks</h1>{'<p>Turkey said that it would attend the Astana talks on Syria.</p>' * 5}"
MEGABYTES = 300  # what the program needs anyway is 150; these inputs unpack to much more
GB = 1_000_000_000


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the project's configuration, and `in` for input."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = predict.main([*arguments, "--model", "rules"])
    return code, *capsys.readouterr()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which the command refuses an input."""
    code, out, err = run(capsys, *arguments, "-q")
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err.removeprefix("stance.predict: error: ").rstrip("\n")


def rejects(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The reason for each file of `in` that an archive's run sets aside; nothing lies beside its output then."""
    before = sorted(Path().rglob("*"))
    code, _, err = run(capsys, "in", "--output", "out/", "--set", "pipeline.threads=1")
    assert code == 0, err
    assert [p for p in sorted(Path().rglob("*")) if p not in before and Path("out") not in (p, *p.parents)] == []
    lines = Path("out/rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return {Path(row["file"]).name: row["reason"] for row in map(json.loads, lines)}


def docs(text: str) -> set[str]:
    return {json.loads(line)["doc"] for line in text.splitlines()}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD.encode("utf-16"), None),
        (GOOD.encode("utf-8-sig"), None),
        ((GOOD + " Çavuşoğlu agreed.").encode("cp1254"), None),
        (GOOD.encode() + "Çavuşoğlu".encode("utf-16"), "not UTF-8 (byte 75)"),
        (GOOD.encode("utf-16") + b"\xd8", "not UTF-16 (byte 152)"),
        (GOOD.encode("utf-16-le"), "binary data (NUL at character 1)"),
        ((GOOD + "\0").encode("utf-16"), "binary data (NUL at character 75)"),
        (b"\xff\xfe" + "\ud800".encode("utf-16-le", "surrogatepass"), "not UTF-16 (byte 2)"),
        (GOOD.encode() + b"\xed\xa0\x80" + GOOD.encode("utf-16-le"), "not UTF-8 (byte 75)"),
        (
            b"\x89PNG\r\n\x1a\n\0\0",
            "a picture, not plain text: convert it to text first (e.g. tesseract FILE.png FILE)",
        ),
        (b"", "no text in it"),
        (b"\xef\xbb\xbf", "no text in it"),
    ],
    ids=range(12),
)
def test_any_encoding_is_read_or_refused(
    work: Path, capsys: pytest.CaptureFixture[str], data: bytes, expected: str | None
) -> None:
    (work / "x.txt").write_bytes(data)
    if expected is None:
        code, out, _ = run(capsys, "x.txt", "--all")
        assert code == 0
        assert docs(out) == {"x"}
    else:
        assert refusal(capsys, "x.txt") == f"x.txt: {expected}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"text": "x", "id": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON that can be read: maximum recursion"),
        ('{"text": "x", "id": ' + "1" * 5_000 + "}", "not JSON that can be read: Exceeds the limit (4300 digits)"),
        ('{"text": "x\\udfff"}', "not UTF-8: half of a surrogate pair"),
        ('{"text": "x", "outlet": {"name": "Wire"}}', "text was expected, not dict"),
        ('{"text": "x", "id": ["a"]}', "text was expected, not list"),
        ('{"text": ["x"]}', "no text"),
    ],
    ids=lambda value: value[:30],
)
def test_a_hostile_row_is_refused_by_its_place(
    work: Path, capsys: pytest.CaptureFixture[str], line: str, expected: str
) -> None:
    (work / "in" / "x.jsonl").write_text(f"{json.dumps({'text': GOOD})}\n{line}\n")
    code, _, err = run(capsys, "in", "--all")
    assert code == 2
    assert err.startswith("stance.predict: error: in/x.jsonl:2:")
    assert expected in err
    assert err.count("\n") == 1
    assert rejects(capsys)["x.jsonl"].startswith(expected)
    assert Path("out/part-00000.jsonl").read_text().count("\n") == 1


def test_a_cell_of_another_encoding_costs_its_row_alone(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f'1,"{GOOD}",Wire', f'2,"{GOOD}",Caf\udce9', f'3,"{GOOD}",']
    (work / "in" / "x.csv").write_bytes("\n".join(["\ufeffid,text,outlet", *rows]).encode("utf-8", "surrogateescape"))
    assert rejects(capsys) == {"x.csv": "not UTF-8-SIG"}
    assert docs(Path("out/part-00000.jsonl").read_text()) == {"1", "3"}
    assert refusal(capsys, "in", "--output", "o.jsonl") == "in/x.csv:5: not UTF-8-SIG"


def test_formulas_stay_text_wherever_they_come_from(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "id": "=1+1",
        "outlet": "@SUM(A1)",
        "text": "=HYPERLINK(1)\nTurkey said it would attend the Astana talks on Syria.",
    }
    (work / "x.jsonl").write_text(json.dumps(row))
    assert run(capsys, "x.jsonl", "--all", "-o", "o.csv")[0] == 0
    (line,) = Path("o.csv").read_text().splitlines()[1:]
    assert line.startswith("'=1+1,,'@SUM(A1),")


def test_numbers_in_any_column_come_out_as_text(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = {"text": [GOOD, GOOD], "id": [7, 8], "outlet": [1.5, None], "date": [20170124, 5]}
    pq.write_table(pa.table(table), work / "x.parquet")
    assert run(capsys, "x.parquet", "-o", "o.parquet")[0] == 0
    found = pq.read_table("o.parquet").to_pylist()
    assert [(r["doc"], r["outlet"], str(r["date"])) for r in found] == [("7", "1.5", "2017-01-24"), ("8", None, "None")]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<b>" * 300_000, "an HTML page of more than 20000 elements"),
        ("<div>" * 19_000 + PAGE, "no article found in the page"),
        ("<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">", "an HTML element with more than 1000 attributes"),
        ("<b>" * 700_000, "an HTML page of more than 2 MB"),
        ("<" * 100_000, "no article found in the page"),
    ],
    ids=lambda value: value[:20],
)
def test_a_hostile_page_is_refused(work: Path, capsys: pytest.CaptureFixture[str], page: str, expected: str) -> None:
    (work / "in" / "x.html").write_text(page)
    assert refusal(capsys, "in/x.html") == f"in/x.html: {expected}"
    assert rejects(capsys) == {"x.html": expected}


def test_entities_and_half_characters_in_a_page_are_not_followed(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 20))
    data = json.dumps({"@type": "NewsArticle", "headline": "Talks \ud800", "publisher": {"name": "Wire \udfff"}})
    head = f"<script type='application/ld+json'>{data}</script>"
    page = f"<!DOCTYPE html [<!ENTITY l0 'ha'>{laughs}]>{head}{PAGE}<p>&l19; &xxe; &#xD800; &#0;</p>"
    (work / "x.html").write_text(page)
    (work / "y.html").write_text(f'<?xml version="1.0" encoding="UTF-16"?>{PAGE}')
    code, out, err = run(capsys, "x.html", "y.html", "--all")
    assert code in (0, 2)
    assert len(out) < 100_000
    assert err.count("\n") == 1


def test_names_of_files_steer_nothing(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"two\nlines", b"\x1b[31mred", b"caf\xe9", b"-o", b"*", b"=cmd", b"a" * 250):
        (work / "in" / f"{os.fsdecode(name)}.txt").write_text(GOOD)
    code, out, _ = run(capsys, "in", "--all")
    expected = {"two\nlines", "\x1b[31mred", r"caf\udce9", "-o", "*", "=cmd", "a" * 250}
    assert code == 0
    assert docs(out) == expected
    assert rejects(capsys) == {}
    assert docs(Path("out/part-00000.jsonl").read_text()) == expected
    (work / "in" / "two\nlines.txt").write_bytes(b"\0")
    assert refusal(capsys, "in/two\nlines.txt") == r"in/two\nlines.txt: binary data (NUL at character 0)"
    assert refusal(capsys, "a" * 5000).endswith("cannot read: File name too long")


def test_links_that_lead_in_a_circle_or_out_are_no_way(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "in" / "a.txt").write_text(GOOD)
    (work / "secret").mkdir()
    (work / "secret" / "b.txt").write_text(GOOD)
    for n in range(3):
        (work / "in" / f"loop{n}").symlink_to(work / "in")
    (work / "in" / "away").symlink_to(work / "secret")
    (work / "in" / "self.txt").symlink_to("self.txt")
    os.mkfifo(work / "in" / "pipe.txt")
    for inputs in (["in"], ["in/**/*.txt"], [f"{work}/in/**/*.txt"]):
        code, out, _ = run(capsys, *inputs)
        assert (code, docs(out), out.count("\n")) == (0, {"a"}, 1)
    assert rejects(capsys) == {}
    assert Path("out/part-00000.jsonl").read_text().count("\n") == 1


def test_ids_and_manifests_lead_nowhere_else(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["../../x", "/etc/passwd", "a/b", "..", "\n", "x" * 5000]
    (work / "in" / "x.jsonl").write_text("\n".join(json.dumps({"id": key, "text": GOOD}) for key in ids))
    assert rejects(capsys) == {}
    assert docs(Path("out/part-00000.jsonl").read_text()) == set(ids)
    manifest = Path("out/manifest.jsonl")
    lines = manifest.read_text()
    for old, new in (('"part-00000.jsonl"', '"../in/x.jsonl"'), ('"file": 1', '"file": "1"'), ('{"part"', '["part"')):
        manifest.write_text(lines.replace(old, new))
        assert refusal(capsys, "in", "--output", "out/").startswith("out/manifest.jsonl: damaged")
    (work / "models").mkdir()
    (work / "models" / "current.json").write_text('{"model": "../../elsewhere"}')
    assert predict.main(["in", "-q"]) == 2
    assert "models/current.json: names no model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 1_000_000, "nested more than 50 deep"),
        ("- " * 1_000_000, "nested more than 50 deep"),
        ("a: &a [x]\nb: [*a, *a]", "YAML aliases are not allowed"),
        ("actors: !!python/object/apply:os.system [id]", "YAML tags are not allowed: tag:yaml.org,2002:python"),
        ("a: !!int ''", "YAML tags are not allowed"),
        ("? [a]\n: b", "a key must be a plain word"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("a: " + "1:" * 1_000_000 + "1", "missing key"),
        ("a: \x00", "not YAML"),
        ("x" * 4_000_001, "larger than 4 MB"),
    ],
    ids=lambda value: value[:20],
)
def test_a_hostile_codebook_is_refused(
    work: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    (work / "x.txt").write_text(GOOD)
    (work / "book.yaml").write_text(text)
    assert expected in refusal(capsys, "x.txt", "--codebook", "book.yaml")


def test_a_line_of_principals_is_followed_to_its_end(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actors = [f"- {{id: a{n}, name: Name {n}, kind: state, principal: a{n + 1}}}" for n in range(3_000)]
    rest = "actors:\n" + "\n".join([*actors, "- {id: a3000, name: Turkey, kind: state}"])
    process = "processes:\n- {id: astana, name: Astana, description: x, aliases: [Astana talks]}\n"
    (work / "book.yaml").write_text(f"resolution: {{subjects: [Syria], nouns: [talks]}}\n{process}{rest}\n")
    (work / "x.txt").write_text(GOOD.replace("Turkey", "Name 0"))
    code, out, _ = run(capsys, "x.txt", "--codebook", "book.yaml", "--all")
    assert code == 0
    assert "Turkey" in {json.loads(line)["actor"] for line in out.splitlines()}
    (work / "book.yaml").write_text((work / "book.yaml").read_text().replace("name: Turkey", 'name: "…"'))
    assert "a phrase with a letter or a digit was expected" in refusal(capsys, "x.txt", "--codebook", "book.yaml")


# A process's own peak is asked of the kernel: what `getrusage` says of it includes the process that started it.
MEASURED = """
import re, resource, sys
from stance import predict
code = predict.main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def sparse(path: Path, head: bytes) -> None:
    """A file of a gigabyte that takes no room on the disk."""
    path.write_bytes(head)
    os.truncate(path, GB)


def packed(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(json.dumps({"text": GOOD}).encode() + b"\n")
        for _ in range(200):
            out.write(b" " * 1_000_000)


def repeated(path: Path) -> None:
    """Texts of three megabytes that Parquet packs into a few bytes, and a last one that is too long."""
    pq.write_table(pa.table({"text": [*["x" * 3_000_000] * 100, "x" * 20_000_001]}), path)


def wide(path: Path) -> None:
    path.write_text("text," + ",".join(f"c{n}" for n in range(300_000)) + "\n" + "Turkey\n" * 5_000)


@pytest.mark.parametrize(
    ("name", "make", "expected"),
    [
        ("x.txt", lambda path: sparse(path, GOOD.encode()), "larger than 20 MB"),
        ("x.html", lambda path: sparse(path, PAGE.encode()), "larger than 20 MB"),
        ("x.jsonl", lambda path: sparse(path, b'{"text": "x"}\n'), "longer than 20 MB"),
        ("x.csv", lambda path: sparse(path, b"text\nx\n"), "longer than 20 MB"),
        ("x.warc", lambda path: sparse(path, b"WARC/1.0\r\n"), "headers of more than 1 MB"),
        ("x.csv", wide, "more than 1000 columns"),
        ("x.jsonl.gz", packed, "unpacks to more than 100 times its size"),
        ("x.parquet", repeated, "longer than 20 MB"),
    ],
    ids=["txt", "html", "jsonl", "csv", "warc", "columns", "gz", "parquet"],
)
def test_memory_is_bounded(work: Path, name: str, make: Callable[[Path], None], expected: str) -> None:
    """What the command needs at most, and each of its workers."""
    make(work / "in" / name)
    arguments = ["in", "--output", "out/", "--model", "rules", "--set", "pipeline.threads=1"]
    arguments += ["--set", "pipeline.archive.part_bytes=2000000"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert max(map(int, done.stdout.split())) / 1024 < MEGABYTES
    reasons = [json.loads(line)["reason"] for line in Path("out/rejects.jsonl").read_text().splitlines()]
    assert reasons == [expected]


def test_a_zip_is_no_document(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(work / "in" / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../x.txt", b"\0" * 50_000_000)
    assert refusal(capsys, "in").startswith("in: no documents in this folder")
    assert refusal(capsys, "in/x.zip").startswith("in/x.zip: ")
    (work / "in" / "a.txt").write_text(GOOD)
    assert rejects(capsys) == {}


HEAD = "Talks on Syria open in Astana.\n"


@pytest.mark.parametrize(
    "text",
    [
        "UN " * 40_000,
        "Turkey, Russia, Iran and " * 5_000,
        "U.S. " * 20_000,
        "UN-led new-" * 10_000,
        "Geneva" + "-b" * 990 + "\n",
        "Geneva-b-b-b-b-b-b-b-b-b talks " * 2_000,
        "UNministers-" * 5_000,
        ("MOSCOW/" + " " * 1_900 + "x\n") * 20,
        ("MOSC" + " " * 1_900 + "x\n") * 20,
        ("2018-01-30 10:10" + " " * 180 + "x\n") * 6,
        "".join(f"Xa{chr(97 + n % 26)}b Q{chr(97 + n // 26 % 26)}o{chr(97 + n // 676)}z said Turkey backs the talks. " for n in range(5_000)),
        "no. so. Lt. " * 10_000,
        "He said Turkey backs it " * 20_000,
        "a" * 2_000_000,
        "\n".join("abc. Def " * 30_000 for _ in range(2)),
        "[ACTOR] [PROCESS] [OTHER], " * 2_000,
        "“ " * 20_000,
        "İ" * 20_000,
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_repetitions_are_read_in_the_end(text: str) -> None:
    targets.read_whole(HEAD + text)
