"""No cell of a file for spreadsheets can become a formula, whatever separates the cells there."""

import csv

import pytest

from bot.spreadsheet import harmless, harmless_csv


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\u00a0=1"])
def test_no_cell_begins_as_a_formula(cell):
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_separator_makes_one(separator):
    said = "Badge;=HYPERLINK(A1;A2)| =2\t@x, fine - so far; -3"
    cells = [cell for row in csv.reader([harmless_csv([("a", said)])], delimiter=separator) for cell in row]
    assert not any(cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@")) for cell in cells)


def test_other_words_stay_as_they_are():
    assert harmless('Möbius, "1" - x; y') == 'Möbius, "1" - x; y'
