"""What an escort is asked to agree to, in the words that are kept with their answer; and what they agreed to."""

from __future__ import annotations

from accounts.queries import consent_words
from accounts.services import has_agreed
from accounts.states import ConsentKind
from pickup.models import PickupLink


def words_for(link: PickupLink) -> dict[str, str]:
    """By the names of the forms' fields. Who only drives is not asked about the night."""
    kinds = {"pickup": ConsentKind.PICKUP, "texts": ConsentKind.ESCORT_TEXTS}
    if link.stays:
        kinds["asked"] = ConsentKind.ESCORT_ASKED
    return {field: consent_words(kind, patient=link.treatment.patient) for field, kind in kinds.items()}


def agrees_to(link: PickupLink, kind: ConsentKind) -> bool:
    """Whether the escort of this link last said yes to it."""
    return has_agreed(kind, patient=link.treatment.patient, escort=link.escort)
