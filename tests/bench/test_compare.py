"""Whether two runs agree."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import compare


def _ratios(values: Mapping[str, float]) -> list[dict[str, object]]:
    return [
        {"figure": "CPU", "system": name, "reference": "floor", "concurrency": 32, "value": value, "error": 0.01}
        for name, value in values.items()
    ]


def _run(tmp_path: Path, first: Mapping[str, float], second: Mapping[str, float]) -> int:
    paths = []
    for name, values in (("first.json", first), ("second.json", second)):
        (tmp_path / name).write_text(json.dumps({"ratios": _ratios(values)}))
        paths.append(str(tmp_path / name))
    return compare.main(paths)


def test_the_largest_difference_comes_first_whichever_run_is_higher() -> None:
    """2.0 against 1.6 and 1.6 against 2.0 are the same difference: 25 %."""
    found = compare.differences(_ratios({"a": 2.0, "b": 1.0}), _ratios({"a": 1.6, "b": 1.1}))
    assert [(round(by, 2), what) for by, what in ((one.by, one.name) for one in found)] == [
        (0.25, "CPU of a / floor at c=32"),
        (0.1, "CPU of b / floor at c=32"),
    ]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        pytest.param({"a": 2.0, "b": 1.14}, 0, id="all agree within 15 %"),
        pytest.param({"a": 2.0, "b": 1.16}, 1, id="one differs by more"),
        pytest.param({"a": 2.0, "b": 0.86}, 1, id="one differs by more in the other direction"),
        pytest.param({"a": 2.0}, 1, id="one has fewer, and those agree"),
        pytest.param({"c": 2.0}, 1, id="nothing can be compared"),
    ],
)
def test_the_exit_code_says_whether_they_agree(tmp_path: Path, second: Mapping[str, float], code: int) -> None:
    """0 is for two runs that measured the same and agree in all of it."""
    assert _run(tmp_path, {"a": 2.0, "b": 1.0}, second) == code


def test_what_differs_is_said_and_so_is_what_was_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to look for it in two files."""
    _run(tmp_path, {"a": 2.0, "b": 1.0, "c": 1.0}, {"a": 2.0, "b": 1.3})
    said = capsys.readouterr().out
    assert "1 of 2 ratios that both have agree within 15%." in said
    assert "CPU of b / floor at c=32" in said
    assert "1.00 ± 1.0%" in said
    assert "1.30 ± 1.0%" in said
    assert "30.0%" in said
    assert "CPU of a / floor at c=32" not in said
    assert "The runs are not of the same: 1 ratios are in one of them only." in said
    assert "CPU of c / floor at c=32" in said


def test_a_file_that_is_not_there_or_is_not_a_result_is_named(tmp_path: Path) -> None:
    """Before anything is compared."""
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(SystemExit, match=r"There is no file .*none\.json"):
        compare.main([str(tmp_path / "none.json"), str(tmp_path / "other.json")])
    for content in ("{}", "[]", "{not JSON"):
        (tmp_path / "other.json").write_text(content)
        with pytest.raises(SystemExit, match=r"other\.json holds no ratios"):
            compare.main([str(tmp_path / "other.json"), str(tmp_path / "other.json")])


def test_a_run_agrees_with_itself_and_that_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two names of one file: `latest.json` is a copy. Which runs they are is told first."""
    with pytest.raises(SystemExit, match=r"Both are the same run\."):
        _run(tmp_path, {"a": 2.0}, {"a": 2.0})

    said = capsys.readouterr().out
    assert "first.json: -, commit -, not a whole run" in said


def test_what_is_published_of_a_run_is_that_run(tmp_path: Path) -> None:
    """It is a part of what was kept, perhaps by a later way to judge: to agree with it says nothing."""
    kept, published = tmp_path / "kept.json", tmp_path / "published.json"
    date = {"date": "2026-11-26T12:00:00+00:00"}
    published.write_text(json.dumps({**date, "ratios": _ratios({"a": 2.0})}))
    kept.write_text(json.dumps({**date, "ratios": _ratios({"a": 2.1}), "measurements": []}))

    with pytest.raises(SystemExit, match=r"Both are the same run\."):
        compare.main([str(published), str(kept)])
