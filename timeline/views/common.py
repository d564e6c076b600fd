"""What the pages of the set-up share: the visit that they are for, and going on to the next part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access import patient_of, set_up_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, see_other
from timeline.models import Treatment
from timeline.queries import address_after, visit_to_set_up
from timeline.services import finish_part

LIST = "timeline:set_up"
PartView = Callable[[AppRequest, Treatment, datetime], HttpResponse]


def part_page(view: PartView) -> Callable[[AppRequest], HttpResponse]:
    """A page of the set-up, with the visit that it is for and the moment. Without a visit, the list says how things are."""

    @set_up_page
    @get_or_post
    @wraps(view)
    def with_visit(request: AppRequest) -> HttpResponse:
        at = timezone.now()
        treatment = visit_to_set_up(patient_of(request), at)
        return view(request, treatment, at) if treatment else see_other(reverse(LIST))

    return with_visit


def go_on(treatment: Treatment, key: str, *, at: datetime) -> HttpResponse:
    """The part is done: the next one that is left, or the list."""
    finish_part(treatment, key, at=at)
    return see_other(address_after(treatment, key))
