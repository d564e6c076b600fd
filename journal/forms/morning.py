"""What stands out of a night, picked and written; and what goes on the page for a talk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from journal.one_page import OnePage, Part, PartKind, fits_one_sheet
from journal.revisions import Saving
from journal.themes import LONGEST, MOST

LONGEST_QUESTION, LONGEST_LINES = 500, 2000
_ONCE_MORE = dict.fromkeys(("required", "invalid", "min_value"), "Send it once more.")
_OWN = ("Your own words", "And another", "And one more")
_GONE = "We can not find this text now. Copy your lines to the end, or take them off."
_HEADINGS: dict[PartKind, str] = {
    "themes": "What stands out for me",
    "entry": "Your words",
    "line": "My line from before",
}
_SHORTER = {"max_length": "Make it a bit shorter."}


class _OnePageForm(forms.Form):
    """`key` names the open page, and `seen` which revision it shows: see journal/revisions.py."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=_ONCE_MORE)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=_ONCE_MORE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"key": uuid4(), "seen": 0, **self.initial}

    @property
    def saving(self) -> Saving:
        """Of a valid form."""
        return Saving(writer=self.cleaned_data["key"], number=1, seen=self.cleaned_data["seen"])


class _AnyOf(forms.MultipleChoiceField):
    """Words that were offered a while ago count as well: what a night holds may change meanwhile."""

    def valid_value(self, value: str) -> bool:
        return 0 < len(value) <= LONGEST and value.isprintable()


class ThemesForm(_OnePageForm):
    """Up to three words or short lines."""

    picked = _AnyOf(
        label="Pick up to three",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Pick from these words."},
    )

    def __init__(self, *args: Any, choices: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picked"].choices = [(each, each) for each in choices]  # type: ignore[attr-defined]
        for number, label in enumerate(_OWN, start=1):
            self.fields[f"own_{number}"] = forms.CharField(
                label=label,
                required=False,
                max_length=LONGEST,
                error_messages=_SHORTER,
                widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "spellcheck": "false"}),
            )

    @property
    def own(self) -> Iterator[forms.BoundField]:
        """The fields of what is written."""
        return (self[name] for name in self.fields if name.startswith("own_"))

    @property
    def themes(self) -> tuple[str, ...]:
        """Of a valid form: each once, what was picked first."""
        told = self.cleaned_data
        written = [" ".join(told[name].split()) for name in self.fields if name.startswith("own_") and told.get(name)]
        return tuple(dict.fromkeys([*told.get("picked", ()), *written]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if len(self.themes) > MOST:
            self.add_error("picked", f"Three at most. You have {len(self.themes)}. Take some away.")
        return data


class SummaryForm(_OnePageForm):
    """What goes on the page. `offered` are the parts that can be ticked; of a text some lines can be typed instead.

    What is on the `kept` page can be ticked too, also where its text is offered no more. What was `sent` and is found nowhere
    stays on the form, and is refused by name: nothing that was ticked or typed is left out without a word.
    """

    question = forms.CharField(
        label="One question for your talk",
        required=False,
        strip=False,
        max_length=LONGEST_QUESTION,
        error_messages=_SHORTER,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto", "spellcheck": "false"}),
    )

    def __init__(
        self, *args: Any, offered: Sequence[Part], kept: OnePage | None, sent: Sequence[Part] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        on_page = [part for part in kept.parts if part.kind != "question"] if kept else []
        offered = _with(offered, on_page)
        self._gone = [part for part in _with(offered, sent)[len(offered) :] if self._holds(part)]
        self.offered = [*offered, *self._gone]
        asked = kept.part("question") if kept else None
        self.initial.setdefault("question", asked.text if asked else "")
        for part in self.offered:
            before = kept.part(part.kind, part.entry) if kept else None
            self.fields[_tick(part)] = forms.BooleanField(
                label=part.heading, required=False, initial=bool(before and before.is_whole)
            )
            if part.kind == "entry":
                self.fields[_lines(part)] = forms.CharField(
                    label="Or only these lines",
                    required=False,
                    strip=False,
                    max_length=LONGEST_LINES,
                    initial=before.text if before and not before.is_whole else "",
                    error_messages=_SHORTER,
                    widget=forms.Textarea(
                        attrs={"rows": 2, "autocomplete": "off", "dir": "auto", "spellcheck": "false"}
                    ),
                )

    @property
    def rows(self) -> Iterator[tuple[Part, forms.BoundField, forms.BoundField | None]]:
        """Each part with its tick, and with the field for some lines of it."""
        return (
            (part, self[_tick(part)], self[_lines(part)] if part.kind == "entry" else None) for part in self.offered
        )

    def _holds(self, part: Part) -> bool:
        """Whether this part was ticked, or lines were typed for it."""
        return _tick(part) in self.data or bool(self.data.get(_lines(part), "").strip())

    @property
    def parts(self) -> tuple[Part, ...]:
        """Of a valid form: what goes on the page, in its order. Typed lines go in place of the whole text."""
        found = [chosen for part in self.offered if (chosen := self._chosen(part))]
        if question := _plain(self.cleaned_data.get("question", "")):
            found.append(Part("question", question, heading="My question for the talk"))
        return tuple(found)

    def _chosen(self, part: Part) -> Part | None:
        lines = _plain(self.cleaned_data.get(_lines(part), ""))
        if lines:
            return Part(part.kind, lines, heading=part.heading, entry=part.entry, is_whole=False)
        return part if self.cleaned_data.get(_tick(part)) else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for part in self._gone:
            self.add_error(_lines(part) if part.kind == "entry" else _tick(part), _GONE)
        if not self.errors and not self.parts:
            self.add_error(None, "Tick one thing, or write a question.")
        elif not fits_one_sheet(self.parts):
            self.add_error(None, "This is more than one page. Tick less, or type the lines that matter most.")
        return data


def sent_parts(data: Iterable[str]) -> list[Part]:
    """The parts that a form was sent with, by the names of its fields. Their words are not in it."""
    found = [Part(kind, "", heading=_HEADINGS[kind]) for kind in _HEADINGS if kind != "entry" and f"all_{kind}" in data]
    ids = dict.fromkeys(entry for name in data if (entry := _entry_of(name)))
    return [*found, *(Part("entry", "", heading=_HEADINGS["entry"], entry=entry) for entry in ids)]


def _entry_of(name: str) -> str:
    """The text that a field is about, as its id is written; "" for a field of something else."""
    entry = name.removeprefix("all_entry_").removeprefix("lines_")
    try:
        return entry if entry != name and str(UUID(entry)) == entry else ""
    except ValueError:
        return ""


def _with(parts: Sequence[Part], others: Iterable[Part]) -> list[Part]:
    """The parts, and those of the others that are not among them."""
    there = {(part.kind, part.entry) for part in parts}
    return [*parts, *(part for part in others if (part.kind, part.entry) not in there)]


def _tick(part: Part) -> str:
    return f"all_{part.kind}_{part.entry}".rstrip("_")


def _lines(part: Part) -> str:
    return f"lines_{part.entry}"


def _plain(text: str) -> str:
    """As it was typed; "" for what shows nothing."""
    return text.replace("\r\n", "\n") if text.strip() else ""
