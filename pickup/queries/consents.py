"""What an escort is asked to agree to, in the words that are kept with their answer; and what they agreed to."""

from __future__ import annotations

from accounts.queries import consent_words
from accounts.services import has_agreed, may_text
from accounts.states import ConsentKind
from pickup.models import PickupLink
from pickup.queries.moments import language_now


def words_for(link: PickupLink) -> dict[str, str]:
    """By the names of the forms' fields. Who only drives is not asked about the night."""
    kinds = {"pickup": ConsentKind.PICKUP, "texts": ConsentKind.ESCORT_TEXTS}
    if link.stays:
        kinds["asked"] = ConsentKind.ESCORT_ASKED
    return {
        field: consent_words(kind, patient=link.treatment.patient, language=language_now())
        for field, kind in kinds.items()
    }


def switches_of(link: PickupLink) -> dict[str, bool]:
    """What holds for an escort who said yes to this visit before, by another link; else nothing is picked for them."""
    joined = PickupLink.objects.filter(treatment=link.treatment, escort=link.escort, confirmed_at__isnull=False)
    if not joined.exists():
        return {}
    asked = link.stays and agrees_to(link, ConsentKind.ESCORT_ASKED)
    return {"texts": may_text(link.escort), "asked": asked}


def agrees_to(link: PickupLink, kind: ConsentKind) -> bool:
    """Whether the escort of this link last said yes to it."""
    return has_agreed(kind, patient=link.treatment.patient, escort=link.escort)
