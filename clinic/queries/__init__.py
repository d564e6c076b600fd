"""What the staff's pages show, in words and times that are ready to read."""

from clinic.queries.asks import Ask, ask_treatment, ask_version
from clinic.queries.board import TodayBoard, today_board
from clinic.queries.history import (
    PatientAssessment,
    PatientHistory,
    TreatmentGiven,
    patient_assessment,
    patient_history,
    treatment_given,
)
from clinic.queries.invitations import InvitationPage, invitation_page
from clinic.queries.patients import (
    PatientPage,
    PatientsPage,
    number_of,
    open_way,
    patient_or_none,
    patient_page,
    patient_with_number,
    patients_page,
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
from clinic.queries.tonight import Tonight, tonight
from clinic.queries.visits import Visit, has_planned, hour_zero_words, treatment_or_none

__all__ = [
    "Ask",
    "InvitationPage",
    "PatientAssessment",
    "PatientHistory",
    "PatientPage",
    "PatientsPage",
    "ProtocolsPage",
    "TodayBoard",
    "Tonight",
    "TreatmentGiven",
    "VersionPage",
    "Visit",
    "ask_treatment",
    "ask_version",
    "has_planned",
    "hour_zero_words",
    "invitation_page",
    "number_of",
    "open_way",
    "pack_text",
    "packs",
    "patient_assessment",
    "patient_history",
    "patient_or_none",
    "patient_page",
    "patient_with_number",
    "patients_page",
    "protocols_page",
    "today_board",
    "tonight",
    "treatment_given",
    "treatment_or_none",
    "version_or_none",
    "version_page",
    "version_text",
]
