"""Draws the downtime pack: who is on call, what is open, each patient of the day, what we do, and a page for the pen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aftercare.sheet import MARGIN, Sheet, line_height
from clinic.papers.contents import PackContents, PaperAlert, PaperCall, PaperPatient, PaperPerson

_BODY, _SMALL, _NAME, _HEADING, _TITLE = 10.0, 8.5, 13.0, 12.5, 20.0
_PAD, _GAP = 3.5, 4.0
_LOG = (("Time", 0.1), ("Patient, record number", 0.22), ("What was said", 0.3), ("What was done", 0.26), ("Who", 0.12))
_ROW = 13.0
# A label and its lines; the first is bold.
Cell = tuple[str, tuple[str, ...]]


def draw_pack(pack: PackContents, *, made_at: datetime) -> bytes:
    """The PDF. The same contents make the same bytes."""
    sheet = Sheet(
        paper=pack.paper,
        title=pack.clinic,
        note=f"Downtime pack, {pack.day}",
        foot=f"Made at {pack.made}. It holds names and numbers: keep it locked, shred it when the day is over.",
        made_at=made_at,
    )
    sheet.add_page()
    _front(sheet, pack)
    _alerts(sheet, pack.alerts)
    _calls(sheet, pack.calls)
    _patients(sheet, pack.patients)
    _procedures(sheet, pack.procedures)
    _log(sheet)
    return sheet.finished()


def _front(sheet: Sheet, pack: PackContents) -> None:
    sheet.put(MARGIN, sheet.y_at, pack.day, size=_TITLE, bold=True)
    sheet.y_at += line_height(_TITLE)
    many = "1 patient" if len(pack.patients) == 1 else f"{len(pack.patients)} patients"
    said = f"{many}, as it was at {pack.made} on the clinic’s clock. For when the app can’t be reached."
    _paragraph(sheet, said, size=_BODY)
    sheet.y_at += 3
    half = (sheet.wide - _GAP) / 2
    until = f"Until {pack.on_call_until}" if pack.on_call_until else "Nobody is on the list: alerts go to the managers"
    people = [
        (f"{person.name}  {person.phone}".strip(), until if not at else "") for at, person in enumerate(pack.on_call)
    ]
    numbers = [f"{what}: {number}" for what, number in pack.numbers]
    left = [line for person in people for line in person if line] or ["Nobody can be reached"]
    _pair(sheet, (("On call", tuple(left)), ("Numbers", tuple(numbers))), width=half)


def _pair(sheet: Sheet, cells: Sequence[Cell], *, width: float) -> None:
    heights = [_cell_height(sheet, cell, width - 2 * _PAD, size=_BODY) + 2 * _PAD for cell in cells]
    for at, cell in enumerate(cells):
        x = MARGIN + at * (width + _GAP)
        sheet.box(x, sheet.y_at, width, max(heights))
        _cell(sheet, cell, x + _PAD, sheet.y_at + _PAD, width - 2 * _PAD, size=_BODY)
    sheet.y_at += max(heights) + 2


def _alerts(sheet: Sheet, alerts: Sequence[PaperAlert]) -> None:
    _heading(sheet, "Open alerts", "No alert was open." if not alerts else "", room=24)
    for alert in alerts:
        said = f"{alert.reasons}. Since {alert.since}. {alert.taken}".strip()
        lines = sheet.wrap(said, sheet.wide, size=_BODY)
        height = line_height(_NAME) + len(lines) * line_height(_BODY) + 4
        sheet.need(height)
        _alert(sheet, alert, lines)


def _alert(sheet: Sheet, alert: PaperAlert, lines: Sequence[str]) -> None:
    y, tall = sheet.y_at, line_height(_NAME)
    wide = sheet.measure(alert.level, size=_SMALL, bold=True) + 5
    sheet.box(MARGIN, y, wide, tall, filled=alert.is_red)
    sheet.put(MARGIN + 2.5, y + 1.1, alert.level, size=_SMALL, bold=True, white=alert.is_red, width=wide)
    _name(sheet, alert.patient, alert.record_number, MARGIN + wide + 3, y, right=alert.phone)
    sheet.y_at += tall + 0.5
    _lines(sheet, lines, MARGIN, size=_BODY)
    sheet.y_at += 1.5
    sheet.rule(sheet.y_at)
    sheet.y_at += 2


def _calls(sheet: Sheet, calls: Sequence[PaperCall]) -> None:
    _heading(sheet, "Calls due today", "No call was due." if not calls else "", room=20)
    for call in calls:
        due = sheet.wrap(call.due, sheet.wide * 0.18, size=_BODY)
        why = sheet.wrap(call.why, sheet.wide * 0.32, size=_BODY)
        who = sheet.wrap(call.patient, sheet.wide * 0.28, size=_BODY, bold=True)
        tall = max(len(due), len(why), len(who)) * line_height(_BODY) + 2
        sheet.need(tall)
        y = sheet.y_at
        _column(sheet, due, MARGIN, y)
        _column(sheet, who, MARGIN + sheet.wide * 0.19, y, bold=True)
        _column(sheet, why, MARGIN + sheet.wide * 0.48, y)
        sheet.put(MARGIN + sheet.wide * 0.81, y, call.phone, size=_BODY, bold=True, align="R")
        sheet.y_at = y + tall
        sheet.rule(sheet.y_at - 1)


def _patients(sheet: Sheet, patients: Sequence[PaperPatient]) -> None:
    _heading(sheet, "Patients", "Nobody was in care, and nobody was to come." if not patients else "", room=45)
    for patient in patients:
        _patient(sheet, patient)


def _patient(sheet: Sheet, patient: PaperPatient) -> None:
    """One card, never split between two pages."""
    inner = sheet.wide - 2 * _PAD
    third = (inner - 2 * _GAP) / 3
    rows = _grid(patient)
    heights = [max(_cell_height(sheet, cell, third, size=_BODY) for cell in row) + 1.5 for row in rows]
    due = sheet.wrap(f"Due: {'; '.join(patient.due)}" if patient.due else "Nothing else is due.", inner, size=_BODY)
    head = line_height(_NAME) + line_height(_BODY) + 2
    foot = len(due) * line_height(_BODY) + 9
    whole = head + sum(heights) + foot + 2 * _PAD
    sheet.need(whole + 3)
    x, y = MARGIN + _PAD, sheet.y_at + _PAD
    sheet.box(MARGIN, sheet.y_at, sheet.wide, whole)
    _name(sheet, patient.name, patient.record_number, x, y, right=patient.phone or "No number", inset=_PAD)
    sheet.put(
        x,
        y + line_height(_NAME),
        f"{patient.where}. Born {patient.born_on}. {patient.protocol}",
        size=_BODY,
        width=inner,
    )
    top = y + head
    for row, height in zip(rows, heights, strict=True):
        for at, cell in enumerate(row):
            _cell(sheet, cell, x + at * (third + _GAP), top, third, size=_BODY)
        top += height
    _column(sheet, due, x, top)
    _pen(sheet, x, top + len(due) * line_height(_BODY) + 2, inner)
    sheet.y_at += whole + 3


def _grid(patient: PaperPatient) -> tuple[tuple[Cell, ...], ...]:
    return (
        (
            ("Hour 0", (patient.hour_zero or "Not yet",)),
            ("Hour 24", (patient.hour_24 or "Not yet",)),
            ("Tonight", (patient.tonight_at or "Not on record", patient.company)),
        ),
        (
            ("Who drives", _person(patient.driver)),
            ("Who stays tonight", _person(patient.stayer)),
            ("Whom to ask there", _person(patient.contact)),
        ),
    )


def _person(person: PaperPerson | None) -> tuple[str, ...]:
    return tuple(line for line in (person.name, person.phone, person.note) if line) if person else ("Nobody on record",)


def _pen(sheet: Sheet, x: float, y: float, width: float) -> None:
    """Where somebody writes that they called."""
    for at, word in enumerate(("Called at", "By", "How they are")):
        spot = x + (0, width * 0.24, width * 0.46)[at]
        wide = sheet.measure(word, size=_SMALL) + 2
        sheet.put(spot, y, word, size=_SMALL)
        sheet.rule(y + 4, x=spot + wide, width=(width * 0.22, width * 0.2, width * 0.54)[at] - wide)


def _procedures(sheet: Sheet, procedures: Sequence[tuple[str, str]]) -> None:
    written = [(level, words) for level, words in procedures if words.strip()]
    none = "Nothing is written down yet: see Alerts, Procedures."
    _heading(sheet, "What we do at each level", "" if written else none, room=30)
    for level, words in written:
        lines = [line for part in words.splitlines() for line in sheet.wrap(part, sheet.wide, size=_BODY)]
        sheet.need(line_height(_BODY) * min(len(lines) + 1, 6) + 3)
        sheet.put(MARGIN, sheet.y_at, level, size=_BODY, bold=True)
        sheet.y_at += line_height(_BODY)
        _lines(sheet, lines, MARGIN, size=_BODY)
        sheet.y_at += 3


def _log(sheet: Sheet) -> None:
    """A page of its own: check-ins and alerts by pen."""
    sheet.add_page()
    sheet.put(MARGIN, sheet.y_at, "Check-ins and alerts, by pen", size=_HEADING, bold=True)
    sheet.y_at += line_height(_HEADING)
    said = "In danger: send for help first, then write. Put each line into the app once it is back."
    _paragraph(sheet, said, size=_BODY)
    sheet.y_at += 2
    edges = [MARGIN]
    for name, share in _LOG:
        sheet.put(edges[-1] + 1, sheet.y_at, name, size=_SMALL, bold=True)
        edges.append(edges[-1] + share * sheet.wide)
    top = sheet.y_at + line_height(_SMALL) + 1
    rows = int((sheet.bottom - top) // _ROW)
    for row in range(rows + 1):
        sheet.rule(top + row * _ROW)
    for edge in edges:
        sheet.line(edge, top, edge, top + rows * _ROW)


def _heading(sheet: Sheet, words: str, none: str, *, room: float) -> None:
    """With room for what comes below it; `none` says that nothing does."""
    sheet.y_at += 4
    sheet.need(room)
    sheet.put(MARGIN, sheet.y_at, words, size=_HEADING, bold=True)
    sheet.y_at += line_height(_HEADING) + 1.5
    if none:
        _paragraph(sheet, none, size=_BODY)


def _name(
    sheet: Sheet, name: str, record_number: str, x: float, y: float, *, right: str = "", inset: float = 0.0
) -> None:
    """Name and record number side by side, the number whole however long the name is; a phone on the right."""
    end = float(sheet.w) - MARGIN - inset
    number, phone = (sheet.measure(words, size=_NAME, bold=True) + 3 for words in (record_number, right))
    shown = sheet.wrap(name, end - x - number - phone, size=_NAME, bold=True)[0]
    sheet.put(x, y, shown, size=_NAME, bold=True, width=end - x)
    at = x + sheet.measure(sheet.clean(shown), size=_NAME, bold=True) + 3
    sheet.put(at, y, record_number, size=_NAME, width=number)
    sheet.put(end - phone, y, right, size=_NAME, bold=True, width=phone, align="R")


def _cell(sheet: Sheet, cell: Cell, x: float, y: float, width: float, *, size: float) -> None:
    label, texts = cell
    sheet.put(x, y, label, size=_SMALL, width=width)
    y += line_height(_SMALL)
    for at, text in enumerate(filter(None, texts)):
        for line in sheet.wrap(text, width, size=size, bold=not at):
            sheet.put(x, y, line, size=size, bold=not at, width=width + 1)
            y += line_height(size)


def _cell_height(sheet: Sheet, cell: Cell, width: float, *, size: float) -> float:
    many = sum(len(sheet.wrap(text, width, size=size, bold=not at)) for at, text in enumerate(filter(None, cell[1])))
    return line_height(_SMALL) + many * line_height(size)


def _column(sheet: Sheet, lines: Sequence[str], x: float, y: float, *, bold: bool = False) -> None:
    for at, line in enumerate(lines):
        sheet.put(x, y + at * line_height(_BODY), line, size=_BODY, bold=bold)


def _paragraph(sheet: Sheet, words: str, *, size: float) -> None:
    _lines(sheet, sheet.wrap(words, sheet.wide, size=size), MARGIN, size=size)


def _lines(sheet: Sheet, lines: Sequence[str], x: float, *, size: float) -> None:
    for line in lines:
        sheet.need(line_height(size))
        sheet.put(x, sheet.y_at, line, size=size)
        sheet.y_at += line_height(size)
