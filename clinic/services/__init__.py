"""What staff do in one go to more than one app, and what they note after a visit."""

from clinic.services.contacts import log_contact, note_form_sent
from clinic.services.settings import write_visit_settings
from clinic.services.visits import add_patient_with_visit, cancel_visit, start_assessed, write_procedures

__all__ = [
    "add_patient_with_visit",
    "cancel_visit",
    "log_contact",
    "note_form_sent",
    "start_assessed",
    "write_procedures",
    "write_visit_settings",
]
