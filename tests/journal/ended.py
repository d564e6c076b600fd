"""Links to copies that open nothing, one for each reason."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Patient, Token
from accounts.states import TokenKind
from aftercare.tenancy import tenant
from journal.services import destroy_journal, end_share, end_shares
from tests.journal.sharing import a_closed_share
from tests.world import make_world


def ended_paths() -> dict[str, str]:
    """In a world of its own: by why it opens nothing, the path of the link's address."""
    world, at = make_world(), timezone.now()
    with tenant(world.clinic.pk):
        found = {kind: a_closed_share(world.patient) for kind in ("expired", "run out", "ended")}
        end_share(world.patient, found["ended"][0].pk, at=at)
        past = at - timedelta(hours=1)
        tokens = Token.objects.filter(kind=TokenKind.SHARE)
        tokens.filter(subject=found["expired"][0].pk).update(expires_at=past)
        end_shares(at=at, pk=found["run out"][0].pk)
        other = Patient.objects.create(
            clinic=world.clinic,
            first_name="Ines",
            last_name="Vale",
            record_number="A-2",
            born_on=world.patient.born_on,
            zone=world.patient.zone,
            created_at=at,
        )
        found["destroyed"] = a_closed_share(other)
        destroy_journal(other, at=at)
    paths = {kind: f"/shared/{secret}/" for kind, (_, secret) in found.items()}
    return {"guessed": f"/shared/{'A' * 22}/", **paths}
