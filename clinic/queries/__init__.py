"""What the staff's pages show, in words and times that are ready to read."""

from clinic.queries.asks import Ask, ask_treatment, ask_version
from clinic.queries.board import TodayBoard, today_board
from clinic.queries.patients import (
    PatientPage,
    PatientsPage,
    Visit,
    has_planned,
    hour_zero_words,
    patient_or_none,
    patient_page,
    patient_with_number,
    patients_page,
    treatment_or_none,
)
from clinic.queries.protocols import (
    ProtocolsPage,
    VersionPage,
    pack_text,
    packs,
    protocols_page,
    version_or_none,
    version_page,
    version_text,
)

__all__ = [
    "Ask",
    "PatientPage",
    "PatientsPage",
    "ProtocolsPage",
    "TodayBoard",
    "VersionPage",
    "Visit",
    "ask_treatment",
    "ask_version",
    "has_planned",
    "hour_zero_words",
    "pack_text",
    "packs",
    "patient_or_none",
    "patient_page",
    "patient_with_number",
    "patients_page",
    "protocols_page",
    "today_board",
    "treatment_or_none",
    "version_or_none",
    "version_page",
    "version_text",
]
