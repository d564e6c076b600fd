"""How a patient is reached: their phone, the card for when it is lost, their number, and a way by which nothing arrives."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access import confirmed_page, staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.phones import show_phone
from accounts.services import change_number, end_phones, make_card, offer_binding
from accounts.states import ChannelKind
from accounts.tokens import show_code
from accounts.views.common import address_to_type
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.qr import qr_svg
from clinic.forms import NumberForm
from clinic.queries import number_of, open_way
from clinic.roles import BOOKS
from clinic.views.common import clinic_of, go_to, patient_or_404, show_patient
from prompts.refusals import TOLD_BY_STAFF
from prompts.services import end_way
from timeline.phases import clock_words


@staff_page(roles=BOOKS)
@get_or_post
def patient_phone(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A POST makes a fresh code, shown this once; the one before stops working. A GET only says what will happen."""
    patient, at = patient_or_404(patient_id), timezone.now()
    if request.method != "POST":
        return render_page(request, "clinic/patient_phone.html", patient=patient)
    binding = offer_binding(patient, by=staff_of(request), at=at)
    address = settings.PUBLIC_URL + reverse("accounts:open_binding", args=[binding.secret])
    until = clock_words(binding.expires_at, zone=ZoneInfo(clinic_of(request).zone), today=at)
    return render_page(
        request,
        "clinic/patient_phone.html",
        patient=patient,
        qr=qr_svg(address),
        code=show_code(binding.code),
        until=until,
    )


@staff_page(roles=BOOKS)
@get_or_post
def end_patient_phones(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A lost phone: every phone of the patient is signed out at once."""
    patient = patient_or_404(patient_id)
    if request.method != "POST":
        return render_page(request, "clinic/end_patient_phones.html", patient=patient)
    end_phones(patient, by=staff_of(request), at=timezone.now())
    messages.success(request, "Every phone of this patient is signed out.")
    return go_to("clinic:patient", patient.pk)


@staff_page(roles=BOOKS)
@confirmed_page(to="make a patient’s card")
@get_or_post
def patient_card(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """A POST makes a card, shown this once, to print; the one before ends. A GET only says what will happen."""
    patient, at = patient_or_404(patient_id), timezone.now()
    if request.method != "POST":
        return render_page(request, "clinic/patient_card.html", patient=patient)
    card = make_card(patient, by=staff_of(request), at=at)
    until = card.expires_at.astimezone(ZoneInfo(clinic_of(request).zone))
    return render_page(
        request,
        "clinic/patient_card.html",
        patient=patient,
        code=show_code(card.code).replace("-", " "),
        address=address_to_type("accounts:way_back"),
        until=f"{until:%B} {until.day}, {until.year}",
    )


@staff_page(roles=BOOKS)
@confirmed_page(to="change a patient’s number")
@get_or_post
def patient_number(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """The new number; then old and new side by side, with the patient's word on texts; then it is done."""
    patient, clinic = patient_or_404(patient_id), clinic_of(request)
    known = number_of(patient)
    form = NumberForm(typed(request), clinic=clinic, known=known)
    page: dict[str, Any] = {"patient": patient, "known": show_phone(known) if known else ""}
    if not form.is_valid():
        return show_form(request, "clinic/patient_number.html", form, **page)
    number, texts_agreed = form.cleaned_data["phone"], form.cleaned_data["texts_agreed"]
    if not form.cleaned_data["sure"]:
        return render_page(request, "clinic/patient_number.html", form=form, new=show_phone(number), **page)
    change_number(patient, number, texts_agreed=texts_agreed, by=staff_of(request), at=timezone.now())
    messages.success(request, "The new number is saved.")
    return go_to("clinic:patient", patient.pk)


@staff_page(roles=BOOKS)
@get_or_post
def lost_texts(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """No provider said so, and texts to this number do not arrive: somebody knows it from the patient."""
    return _lost(request, patient_id, ChannelKind.SMS)


@staff_page(roles=BOOKS)
@get_or_post
def lost_emails(request: AppRequest, patient_id: UUID) -> HttpResponse:
    """E-mails that their server took came back by mail, which a person reads (decision 32)."""
    return _lost(request, patient_id, ChannelKind.EMAIL)


def _lost(request: AppRequest, patient_id: UUID, way: ChannelKind) -> HttpResponse:
    """A POST ends the way, of the address that the page showed. A GET only says what will happen; where nothing leaves by
    it, as after a second tap, there is nothing to say."""
    patient, at = patient_or_404(patient_id), timezone.now()
    channel = open_way(patient, way)
    if channel is None:
        return go_to("clinic:patient", patient.pk)
    is_text, address = way == ChannelKind.SMS, channel.address
    if request.method != "POST":
        shown = show_phone(address) if is_text else address
        return render_page(
            request, "clinic/lost_way.html", patient=patient, is_text=is_text, address=address, shown=shown
        )
    if request.POST.get("address") != address:
        conflict = f"The {'number' if is_text else 'address'} has changed since. Nothing was ended."
        return show_patient(request, patient_id, at, conflict=conflict, status=409)
    end_way(patient.clinic_id, way, address, code=TOLD_BY_STAFF, at=at, by=staff_of(request))
    messages.success(request, f"No {'text' if is_text else 'e-mail'} goes there any more.")
    return go_to("clinic:patient", patient.pk)
