"""The pack as it is drawn: everything is on it, nothing is split, and no name of any script stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clinic.papers.contents import PackContents, PaperAlert, PaperCall, PaperPatient, PaperPerson
from clinic.papers.pack import draw_pack
from tests.clinic.pdf import pages_of

AT = datetime(2026, 11, 28, 13, tzinfo=UTC)
MAYA = PaperPatient(
    name="Maya Torres",
    record_number="CS-1041",
    born_on="Mar 14, 1988",
    where="Hour 5. Left 2:10 pm",
    protocol="IV ketamine",
    phone="212-555-0111",
    hour_zero="11 am",
    hour_24="11 am tomorrow",
    driver=PaperPerson("Rosa Vidal", "212-555-0188", "On the way since 1:40 pm"),
    stayer=PaperPerson("Bo Torres", "212-555-0189"),
    tonight_at="310 Birch Street, flat 2",
    contact=PaperPerson("Jo Adeyemi", "212-555-0141"),
    company="Somebody is there",
    due=("check-in 2:30 pm", "call 11 am tomorrow"),
)
PACK = PackContents(
    clinic="Cedar Street Clinic",
    day="Saturday, November 28, 2026",
    made="8 am",
    paper="letter",
    on_call=(PaperPerson("Dana Reyes, RN", "212-555-0131"),),
    on_call_until="8 pm",
    numbers=(("Emergency", "911"), ("988 Lifeline", "988"), ("Clinic", "212-555-0101")),
    alerts=(
        PaperAlert(
            "Urgent now",
            True,
            "Grace Adeyemi",
            "CS-1040",
            "212-555-0121",
            "Severe headache",
            "7:52 am",
            "Nobody has it.",
        ),
    ),
    calls=(PaperCall("9:30 am", "Mei Tanaka", "212-555-0120", "24 hours are over"),),
    patients=(MAYA,),
    procedures=(("Emergency", "Call 911.\nStay on the line."), ("Urgent now", "")),
)


def drawn(pack: PackContents) -> list[str]:
    return pages_of(draw_pack(pack, made_at=AT))


def test_everything_is_on_it() -> None:
    front, *_, log = drawn(PACK)
    for said in (
        *("Saturday, November 28, 2026", "1 patient, as it was at 8 am", "Dana Reyes, RN 212-555-0131", "Until 8 pm"),
        *("Emergency: 911", "988 Lifeline: 988", "Clinic: 212-555-0101"),
        *("Urgent now Grace Adeyemi CS-1040 212-555-0121", "Severe headache. Since 7:52 am. Nobody has it."),
        *("9:30 am Mei Tanaka 24 hours are over 212-555-0120", "Maya Torres CS-1041 212-555-0111", "Born Mar 14, 1988"),
        *("Hour 0 11 am", "Hour 24 11 am tomorrow", "Rosa Vidal 212-555-0188 On the way since 1:40 pm"),
        *("Bo Torres 212-555-0189", "310 Birch Street, flat 2", "Jo Adeyemi 212-555-0141", "Somebody is there"),
        *("Due: check-in 2:30 pm; call 11 am tomorrow", "Emergency Call 911. Stay on the line."),
        *("Made at 8 am", "Page 1 of 2"),
    ):
        assert " ".join(said.split()) in " ".join(front.split()), said
    assert "Check-ins and alerts, by pen" in log and "Page 2 of 2" in log


def test_an_empty_day_says_so() -> None:
    empty = replace(PACK, alerts=(), calls=(), patients=(), procedures=(), on_call=(), on_call_until="")
    text = " ".join(drawn(empty))
    for said in (
        "No alert was open.",
        "No call was due.",
        "Nobody was in care",
        "Nobody can be reached",
        "Nothing is written",
    ):
        assert said in text


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_no_patient_is_split_between_two_pages_and_none_is_lost(paper: str) -> None:
    many = tuple(replace(MAYA, name=f"Patient {at}", record_number=f"R-{at:03}") for at in range(23))
    pages = drawn(replace(PACK, paper=paper, patients=many))
    for patient in many:
        [page] = [page for page in pages if f"{patient.record_number} " in page]
        after = page.split(f"{patient.record_number} ")[1]
        assert "How they are" in after.split("CS-")[0]
    assert [page.rsplit("Page ", 1)[1].split()[0] for page in pages] == [str(at) for at in range(1, len(pages) + 1)]
    assert all(page.count("How they are") <= 4 for page in pages)


@pytest.mark.parametrize("due", ["9:50 pm on Wed, Nov 25", "12:45 am tomorrow", "midnight"])
def test_a_call_says_its_day_whole(due: str) -> None:
    text = " ".join(drawn(replace(PACK, calls=(replace(PACK.calls[0], due=due),)))[0].split())
    assert all(word in text.split("Calls due today")[1].split("24 hours are over")[0].split() for word in due.split())


def test_the_same_day_makes_the_same_bytes() -> None:
    assert draw_pack(PACK, made_at=AT) == draw_pack(PACK, made_at=AT)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë Ångström-Özil", "Zoë Ångström-Özil"),
        ("Жанна Ковальчук", "Жанна Ковальчук"),
        ("Ελένη Παππά", "Ελένη Παππά"),
        ("Nguyễn Thị Hạnh", "Nguyễn Thị Hạnh"),
        ("محمد حسن", "\ufffd \ufffd"),
        ("王小明 Lee 🌿", "\ufffd Lee \ufffd"),
        ("a\u202eb\u0000c\ud800d", "abcd"),
        ("{nb} %s \\( Tj", "{nb} %s \\( Tj"),
        ("", ""),
    ],
)
def test_a_name_is_printed_as_far_as_our_fonts_go_with_its_record_number_beside_it(name: str, shown: str) -> None:
    text = " ".join(drawn(replace(PACK, patients=(replace(MAYA, name=name),)))[0].split())
    assert " ".join(f"{shown} CS-1041 212-555-0111".split()) in text


def test_a_name_without_end_leaves_room_for_its_number_and_phone() -> None:
    long = replace(MAYA, name="W" * 300, tonight_at="M" * 200, due=("x" * 900,))
    pages = drawn(replace(PACK, patients=(long, MAYA), alerts=(replace(PACK.alerts[0], reasons="y" * 4000),)))
    assert any("CS-1041 212-555-0111" in " ".join(page.split()) for page in pages)


@given(st.text(max_size=60), st.text(alphabet=st.characters(), max_size=200))
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
def test_no_text_stops_a_pack(name: str, words: str) -> None:
    patient = replace(MAYA, name=name, tonight_at=words, driver=PaperPerson(name, "1", words), due=(words,))
    pack = replace(PACK, patients=(patient,), procedures=((name, words),), calls=(PaperCall("9 am", name, "1", words),))
    assert drawn(pack)
