"""The page in a browser, by mouse and by keyboard."""

from __future__ import annotations

import datetime
from pathlib import Path

from tests.page.conftest import Open, Write, history, statement


def test_a_cell_shows_its_sentences_with_the_words_marked(small: Path, opened: Open) -> None:
    one = opened(small)
    one.cell("Russia → Astana").click()
    assert one.texts("#evidence-title") == ["Russia → Astana"]
    assert sorted(one.texts("#statements mark")) == [f"Russia 🕊 backs it, {n}." for n in range(5)]
    assert one.texts("#statements .mention") == ["Russia"] * 5
    assert one.texts("#statements blockquote")[0].startswith("Before it. Russia 🕊 backs it, ")
    assert one.texts("#statements blockquote")[0].endswith(". After it.")
    assert {text.split(" · ")[0] for text in one.texts("#statements .source")} == {"undated"}


def test_a_mention_elsewhere_is_named_and_not_marked(small: Path, opened: Open) -> None:
    one = opened(small)
    one.cell("Syrian opposition → Geneva").click()
    assert one.texts("#statements .mention") == []
    assert one.texts("#statements .aside") == ["The actor is named elsewhere: “it”."] * 3


def test_filters_count_again(small: Path, opened: Open) -> None:
    one = opened(small)
    assert (
        one.cell("Turkey → Sochi").get_attribute("aria-label")
        == "Turkey → Sochi\n▲ supportive 30\n◆ skeptical 0\n■ boycotting 30"
    )
    one.page.locator("#least").fill("70")
    one.settled(48)
    assert one.texts("#shown") == ["48 of 68 statements"]
    assert (
        one.cell("Turkey → Sochi").get_attribute("aria-label")
        == "Turkey → Sochi\n▲ supportive 20\n◆ skeptical 0\n■ boycotting 20"
    )
    one.page.locator("summary", has_text="Outlets").click()
    one.page.get_by_role("checkbox", name="Levant Wire").check()
    one.settled(20)
    one.page.locator("#from").fill("2018-01-01")
    one.settled(10)
    assert (
        one.cell("Turkey → Sochi").get_attribute("aria-label")
        == "Turkey → Sochi\n▲ supportive 0\n◆ skeptical 0\n■ boycotting 10"
    )
    assert one.cell("Russia").count() == 0
    one.page.locator("#to").fill("2018-01-02")
    one.settled(1)
    one.page.get_by_role("button", name="Clear").click()
    one.settled(68)
    assert one.cell("Russia").count() == 1


def test_actor_and_process_filters_and_nothing_left(small: Path, opened: Open) -> None:
    one = opened(small)
    one.page.locator("summary", has_text="Actors").click()
    one.page.get_by_role("checkbox", name="Russia").check()
    one.settled(5)
    one.page.locator("summary", has_text="Processes").click()
    one.page.get_by_role("checkbox", name="Geneva").check()
    one.settled(0)
    assert one.page.locator("#none").is_visible()
    assert one.texts("#statements article") == []
    one.page.get_by_role("checkbox", name="Astana").check()
    one.settled(5)
    assert not one.page.locator("#none").is_visible()


def test_the_keyboard_alone(small: Path, opened: Open) -> None:
    one = opened(small)
    key, focused = one.page.keyboard.press, "document.activeElement"
    key("Tab")
    assert one.page.evaluate(f"{focused}.textContent") == "Skip to the positions"
    key("Enter")
    key("Tab")
    assert one.page.evaluate(f"{focused}.getAttribute('aria-label')").startswith("Turkey → Sochi")
    key("ArrowDown")
    assert one.page.evaluate(f"{focused}.getAttribute('aria-label')").startswith("Russia → Astana")
    assert one.page.evaluate(f"getComputedStyle({focused}).strokeWidth") == "6px"
    key("Enter")
    one.page.wait_for_selector("body.reading")
    assert one.page.evaluate(f"{focused}.id") == "evidence-title"
    assert len(one.texts("#statements article")) == 5
    key("Escape")
    one.page.wait_for_selector("body:not(.reading)")
    assert one.page.evaluate(f"{focused}.getAttribute('aria-label')").startswith("Russia → Astana")
    assert len(one.texts("#statements article")) == 50


def test_a_band_and_a_change_show_their_sentences(small: Path, opened: Open) -> None:
    one = opened(small)
    one.page.locator("[name=period][value=year]").check()
    bands = one.page.locator('#time path[aria-label^="2018: boycotting"]')
    bands.first.focus()
    one.page.keyboard.press("Enter")
    assert one.texts("#evidence-title") == ["Turkey → Sochi, 2018"]
    assert len(one.texts("#statements article")) == 30
    change = one.page.locator(".shifts button")
    assert change.count() == 1
    assert "▲ supportive → ■ boycotting" in (change.text_content() or "")
    change.click()
    one.page.locator("#order").select_option("old")
    assert one.texts("#statements mark") == ["Number 29: Turkey is supportive.", "Number 30: Turkey is boycotting."]


def test_bands_vanish_with_a_filter_that_the_ledger_does_not_know(small: Path, opened: Open) -> None:
    one = opened(small)
    one.page.locator("[name=period][value=year]").check()
    label = one.page.locator('#time path[aria-label^="2018: boycotting"]')
    assert " to " in (label.get_attribute("aria-label") or "")
    one.page.locator("#least").fill("70")
    one.settled(48)
    one.page.wait_for_selector('#time path[aria-label^="2018: boycotting 100%\\a 20 of 20"]', state="attached")
    assert "without bands, since the estimates are made of all outlets and confidences" in one.texts("#time-how")[0]


def test_periods_with_a_single_statement_are_counted(write: Write, opened: Open) -> None:
    days = ((1, 1), (2, 1), (2, 2), (4, 1))
    one = opened(write([statement(date=datetime.date(2018, *day), text=f"Turkey spoke on {day}.") for day in days]))
    one.page.locator("[name=period][value=month]").check()
    one.page.locator("#time h3", has_text="only one").wait_for()
    assert one.texts("#time h3") == ["Turkey → Sochi 4 statements, in 2 of 3 months only one"]


def test_on_a_phone_no_name_covers_another(small: Path, opened: Open) -> None:
    one = opened(small, viewport={"width": 400, "height": 800})
    boxes = one.page.evaluate("""() => [...document.querySelectorAll('#network .mark-text text')]
        .filter((text) => text.textContent && text.getAttribute('stroke-width') !== '4')
        .map((text) => text.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])""")
    assert len(boxes) == 6
    for n, a in enumerate(boxes):
        assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for b in boxes[:n])
    lines = one.page.locator("#matrix text", has_text="Syrian").locator("tspan")
    assert lines.all_text_contents() == ["Syrian", "opposition"]


def test_outlets_that_differ_stand_side_by_side_with_their_sentences(write: Write, opened: Open) -> None:
    days = [datetime.date(2018, 1, 1 + n) for n in range(20)]
    said = (("Wire", "supportive"), ("Post", "boycotting"))
    found = [
        statement(outlet=o, stance=s, date=day, doc=f"{o}-{day}", text=f"{o}, {day.day}: Turkey is {s}.")
        for o, s in said
        for day in days
    ]
    alike = [
        statement(actor="Iran", outlet=o, date=day, doc=f"Iran-{o}-{day}", text=f"{o}, {day.day}: Iran is for it.")
        for o, _ in said
        for day in days
    ]
    one = opened(write([*found, *alike]))
    one.page.locator("#differences .panel").first.wait_for()
    assert one.texts("#differences h3") == ["Turkey → Sochi, January 2018 outlets differ: over 99%"]
    assert one.texts("#differences th") == ["Post (20)", "Wire (20)"]
    assert one.texts("#differences .badge") == ["■ boycotting", "▲ supportive"]
    one.page.get_by_role("button", name="Read Post on Turkey").click()
    assert one.texts("#evidence-title") == ["Turkey → Sochi, January 2018: Post"]
    assert sorted(one.texts("#statements mark")) == sorted(f"Post, {n}: Turkey is boycotting." for n in range(1, 21))
    one.page.get_by_role("button", name="Read all sides on Turkey").click()
    assert len(one.texts("#statements article")) == 40
    for period in ("by year", "all time"):
        one.page.locator("#outlets").get_by_label(period).check()
        assert one.page.locator("#differences .panel").count() == 1
    assert one.texts("#differences h3") == ["Turkey → Sochi outlets differ: over 99%"]
    one.page.locator("summary", has_text="Actors").click()
    one.page.get_by_role("checkbox", name="Iran").check()
    one.settled(40)
    one.page.locator("#no-difference").wait_for()
    assert one.texts("#differences h3") == []


def test_one_outlet_has_nobody_to_differ_from(write: Write, opened: Open) -> None:
    one = opened(write([statement(outlet="Wire")]))
    assert not one.page.locator("#outlets").is_visible()


def test_the_network_leads_to_the_evidence(small: Path, opened: Open) -> None:
    one = opened(small)
    edge = one.page.locator('#network path[aria-label^="Russia → Astana"]')
    edge.focus()
    one.page.keyboard.press("Enter")
    assert one.texts("#evidence-title") == ["Russia → Astana"]
    assert len(one.texts("#statements article")) == 5


def test_evidence_by_stance_order_and_page(small: Path, opened: Open) -> None:
    one = opened(small)
    one.cell("Turkey → Sochi").click()
    assert len(one.texts("#statements article")) == 50
    one.page.locator("#more-statements").click()
    assert len(one.texts("#statements article")) == 60
    assert one.page.evaluate("document.activeElement === document.querySelector('#statements').children[50]")
    one.page.get_by_label("only boycotting, 30").click()
    one.page.locator("#order").select_option("new")
    assert one.texts("#statements mark")[0] == "Number 59: Turkey is boycotting."
    assert len(one.texts("#statements article")) == 30


def test_the_table_says_the_same_and_sorts(small: Path, opened: Open) -> None:
    one = opened(small)
    one.page.locator("#as-table summary").click()
    rows = one.page.locator("#table tbody tr")
    rows.first.wait_for()  # it is filled when it is opened
    assert [one.texts(f"#table tbody tr:nth-child({n}) > *")[i] for n in (1, 2, 3) for i in (0, 4)] == [
        "Turkey", "60", "Russia", "5", "Syrian opposition", "3",
    ]  # fmt: skip
    one.page.get_by_role("button", name="Actor", exact=True).click()
    assert [(rows.nth(n).locator("th").text_content()) for n in range(3)] == ["Russia", "Syrian opposition", "Turkey"]
    one.page.locator("#table").get_by_role("button", name="Turkey").click()
    assert one.texts("#evidence-title") == ["Turkey → Sochi"]


def test_a_model_that_is_not_at_hand_is_said_to_be(small: Path, opened: Open) -> None:
    one = opened(small)
    assert one.texts("#models h3") == ["gone@000000000000 68 statements"]
    assert "not at hand" in one.texts("#models .notice")[0]


def test_on_a_phone_nothing_overflows_and_the_evidence_comes_up(small: Path, opened: Open) -> None:
    one = opened(small, viewport={"width": 400, "height": 800}, color_scheme="dark")
    assert one.page.evaluate("document.documentElement.scrollWidth") == 400
    assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 28)"
    assert not one.page.locator("#evidence").is_visible()
    one.cell("Russia → Astana").click()
    assert one.page.locator("#evidence").is_visible()
    one.page.locator("#close").click()
    assert not one.page.locator("#evidence").is_visible()


def test_print_drops_the_controls_and_keeps_the_evidence(small: Path, opened: Open) -> None:
    one = opened(small)
    one.cell("Russia → Astana").click()
    one.page.emulate_media(media="print")
    assert not one.page.locator("#filters .row").is_visible()
    assert one.page.locator("#statements article").last.is_visible()
    assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_one_statement_and_none(write: Write, opened: Open) -> None:
    one = opened(write([statement(date=datetime.date(2018, 1, 30))]))
    assert one.texts(".lead") == ["1 statement by 1 actor on 1 peace process, found in 1 document, 30 January 2018."]
    assert one.cell("Turkey → Sochi").count() == 1
    none = opened(write([]))
    assert none.page.locator("#none").is_visible()
    assert none.texts("#shown") == ["All 0 statements"]


def test_many_actors_are_shown_in_part_until_asked_for(write: Write, opened: Open) -> None:
    long = "Permanent Delegation of the Coordinating Committee for the National Dialogue of all Regions"
    one = opened(write([*history(), *(statement(actor=f"{long} {n}") for n in range(40))]))
    assert one.page.locator("#matrix path[aria-label]").count() == 25
    one.page.get_by_role("button", name="Show all 43 actors").click()
    one.page.wait_for_selector("#matrix path[aria-label] >> nth=42", state="attached")
    assert one.page.evaluate("document.documentElement.scrollWidth") == 1400
