"""Links that open nothing, one for each reason."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Escort, Token
from accounts.services import end_escort
from aftercare.tenancy import tenant
from pickup.services import make_link, withdraw_link
from tests.pickup.ways import an_escort, path_of
from tests.world import make_world


def ended_paths() -> dict[str, str]:
    """In a world of its own: by why it opens nothing, the path of the link's address."""
    world, at = make_world(), timezone.now()
    with tenant(world.clinic.pk):
        visit = world.treatment()
        driver = an_escort(world)
        expired = make_link(visit, escort=driver, by=world.patient, at=at)
        stayer = an_escort(world, name="Lee", task=Escort.Task.STAYS)
        withdrawn = make_link(visit, escort=stayer, by=world.patient, at=at)
        paths = {"guessed": f"/f/{'A' * 22}/", "expired": path_of(expired), "withdrawn": path_of(withdrawn)}
        withdraw_link(withdrawn, by=world.patient, at=at)
        end_escort(stayer, by=world.patient, at=at)
        another = an_escort(world, name="Sol", task=Escort.Task.STAYS)
        revoked = make_link(visit, escort=another, by=world.patient, at=at)
        paths["revoked"] = path_of(revoked)
        make_link(visit, escort=another, by=world.patient, at=at)
    Token.objects.filter(pk=expired.token_id).update(expires_at=at - timedelta(hours=1))
    return paths
