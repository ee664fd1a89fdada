"""What the documentation says of growth."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.growth import section
from bench.growth.findings import GrowthFindings
from bench.growth.flatness import Growth
from bench.judging.targets import Standing
from bench.showing import report
from bench.showing.written_part import GROWTH
from tests.bench.growth.made_up import found

_ENVIRONMENT = {"date": "2026-11-25T10:00:00+00:00", "commit": "abc1234"}


def test_it_has_a_table_for_each_promise() -> None:
    """With the figures, and how they stand."""
    lines = section.lines(found(), _ENVIRONMENT)
    assert "Written by `make bench GROWTH=1`, 2026-11-25, commit abc1234." in lines
    assert "| 1,000,000 tokens | issue | 32 | 85.0 | 81.0 | 1.02 | 1.0% | met |" in lines
    assert "| 1,000,000 tokens, 10 clients | 120 | met | - |" in lines
    assert "| core | 50.0 | 61.0 | +1.0 | met |" in lines
    assert "| 2 of each | 99.0 | 90.0 | 1.12 | 1.4% | 50% 50% | 48% 52% | met |" in lines


def test_it_is_added_to_the_page_once_and_renewed_after_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the page is of another run, and stays."""
    page = tmp_path / "performance.md"
    page.write_text("# What a token costs\n\nfigures\n")
    readme = tmp_path / "README.md"
    readme.write_text("# Grantway\n\n" + GROWTH.around(["old"]) + "\n")
    monkeypatch.setattr(section, "_PAGE", page)
    monkeypatch.setattr(section, "_README", readme)
    section.write(found(), _ENVIRONMENT)
    section.write(found(bytes_per_token=99.0), _ENVIRONMENT)
    text = page.read_text()
    assert text.startswith("# What a token costs\n\nfigures\n\n<!-- growth")
    assert text.count("## What growth costs") == 1
    assert "| 1,000,000 tokens, 10 clients | 99 | met | - |" in text


def test_readme_names_what_is_missed_and_what_nobody_knows() -> None:
    """With the figures; what is met is on the page."""
    growth = [
        Growth("clients", size, "check", concurrency, 20.0, 25.0, ratio, 0.02, as_seen, standing)
        for size, concurrency, ratio, as_seen, standing in (
            (10, 32, 1.0, 1.0, None),
            (1_000, 32, 1.05, 1.12, Standing.MET),
            (1_000, 128, 1.08, 1.2, Standing.NOT_JUDGED),
            (100_000, 32, 1.16, 1.0, Standing.MISSED),
            (100_000, 128, 1.2, 1.2, Standing.MISSED),
        )
    ]
    assert [
        "- Growth targets missed: check beside 100,000 clients (1.16 x at 32, 1.20 x at 128).",
        "- Growth targets not judged: check beside 1,000 clients (1.08 x at 128).",
        "- Growth targets met, but not as seen: check beside 1,000 clients (1.05 x at 32).",
    ] == section.short_lines(_with(found(), growth), _ENVIRONMENT)[-3:]
    assert [
        "- Growth targets missed: none.",
        "- Growth targets not judged: none.",
        "- Growth targets met, but not as seen: none.",
    ] == section.short_lines(found(), _ENVIRONMENT)[-3:]


def test_readme_names_the_other_promises_too() -> None:
    """What two of each cost, and memory, with the limits."""
    dear = found(cost_of_two=104.0, bytes_per_token=170.0, core_at_the_end=65.0)
    missed = section.short_lines(dear, _ENVIRONMENT)[-3]
    assert missed == (
        "- Growth targets missed: a token with 2 cores and gateways, at most 1.25 x (1.30 x); "
        "memory of a live token, at most 160 bytes (170); memory of the core, at most +2 MiB (+5.0)."
    )


def test_what_two_of_each_cost_is_told_in_both_accounts() -> None:
    """As corrected they may be cheap enough, and as seen not."""
    met = section.short_lines(found(cost_of_two_as_seen=111.0), _ENVIRONMENT)[-1]
    assert met == ("- Growth targets met, but not as seen: a token with 2 cores and gateways, at most 1.25 x (1.12 x).")


def _with(findings: GrowthFindings, growth: Sequence[Growth]) -> GrowthFindings:
    return replace(findings, scales=replace(findings.scales, growth=growth))


def test_it_is_kept_when_the_rest_of_the_page_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make bench` does not know what growth costs."""
    page = tmp_path / "performance.md"
    page.write_text("# Old\n\n" + GROWTH.around(["growth"]) + "\n")
    monkeypatch.setattr(report, "_PAGE", page)
    monkeypatch.setattr(report, "page", lambda _results: "# New\n")
    report.write_page({})
    report.write_page({})
    assert page.read_text() == "# New\n\n" + GROWTH.around(["growth"]) + "\n"
