"""What an escort is asked to agree to, in the words that are kept with their answer."""

from __future__ import annotations

from accounts.states import ConsentKind
from accounts.wordings import WORDINGS
from pickup.models import PickupLink


def words_for(link: PickupLink) -> dict[str, str]:
    """By the names of the forms' fields. Who only drives is not asked about the night."""
    kinds = {"pickup": ConsentKind.PICKUP, "texts": ConsentKind.ESCORT_TEXTS}
    if link.stays:
        kinds["asked"] = ConsentKind.ESCORT_ASKED
    patient = link.treatment.patient
    names = {"sender": patient.clinic.sender_name, "patient": patient.name_for_escorts}
    return {field: WORDINGS[kind].text.format_map(names) for field, kind in kinds.items()}
