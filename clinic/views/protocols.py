"""Protocols: their versions, what one says, and how a version comes into use."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import confirmed_page, staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.state import AlreadyMoved
from clinic.acts import PUBLISH, RETIRE, SIGN, Act, version_acts
from clinic.forms import ProtocolForm
from clinic.queries import (
    ask_version,
    pack_text,
    packs,
    protocols_page,
    version_page,
    version_text,
)
from clinic.roles import EDITS_PROTOCOLS, SIGNS
from clinic.views.common import clinic_of, conflict_words, go_to, is_own, version_or_404
from timeline import services
from timeline.models import ProtocolVersion
from timeline.states import VersionState

Deed = Callable[..., ProtocolVersion]


@staff_page()
@require_safe
def protocols(request: AppRequest) -> HttpResponse:
    may_edit = staff_of(request).role in EDITS_PROTOCOLS
    page = protocols_page(clinic_of(request), timezone.now())
    return render_page(request, "clinic/protocols.html", page, may_edit=may_edit)


@staff_page()
@require_safe
def version(request: AppRequest, version_id: UUID) -> HttpResponse:
    return _show(request, version_or_404(version_id))


@staff_page()
@require_safe
def version_file(request: AppRequest, version_id: UUID) -> HttpResponse:
    """The document as a file, for another clinic or another look."""
    version = version_or_404(version_id)
    name = f"{version.protocol.key}-{version.number}.yaml"
    return HttpResponse(
        version_text(version),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@staff_page(roles=EDITS_PROTOCOLS)
@get_or_post
def add_version(request: AppRequest) -> HttpResponse:
    """A draft from a pasted document. A shipped one, or a version that is there, can be the start."""
    start = "" if request.method == "POST" else _start_text(request)
    form = ProtocolForm(typed(request), initial={"text": start})
    if not form.is_valid():
        return show_form(request, "clinic/add_version.html", form, packs=packs())
    draft = services.draft_version(
        form.document, by=staff_of(request), at=timezone.now(), clinic_id=clinic_of(request).pk
    )
    messages.success(request, "The draft is saved.")
    return go_to("clinic:version", draft.pk)


@staff_page(roles=SIGNS)
@confirmed_page(to="sign a protocol version")
@get_or_post
def sign_version(request: AppRequest, version_id: UUID) -> HttpResponse:
    to, said = VersionState.DRAFT, "You have signed this version."
    return _ask_or_do(request, version_id, SIGN, services.sign_version, to=to, said=said)


@staff_page(roles=EDITS_PROTOCOLS)
@confirmed_page(to="publish a protocol version")
@get_or_post
def publish_version(request: AppRequest, version_id: UUID) -> HttpResponse:
    to, said = VersionState.PUBLISHED, "This version is in use now."
    return _ask_or_do(request, version_id, PUBLISH, services.publish_version, to=to, said=said)


@staff_page(roles=EDITS_PROTOCOLS)
@get_or_post
def retire_version(request: AppRequest, version_id: UUID) -> HttpResponse:
    to, said = VersionState.RETIRED, "This version is out of use."
    return _ask_or_do(request, version_id, RETIRE, services.retire_version, to=to, said=said)


def _start_text(request: AppRequest) -> str:
    if key := request.GET.get("pack"):
        if (text := pack_text(key)) is None:
            raise Http404
        return text
    if "from" in request.GET:
        return version_text(version_or_404(_uuid_or_404(request.GET["from"])))
    return ""


def _uuid_or_404(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Http404 from None


def _ask_or_do(
    request: AppRequest, version_id: UUID, act: Act, deed: Deed, *, to: VersionState, said: str
) -> HttpResponse:
    """A GET asks; a POST does it, once. A second tap of the same person is no conflict."""
    version, at = version_or_404(version_id), timezone.now()
    if request.method != "POST":
        if act not in _acts(request, version):
            return _show(request, version, conflict="This can't be done with this version as it is now.", status=409)
        return render_page(request, "clinic/ask_version.html", version, ask=ask_version(act, version))
    try:
        deed(version, by=staff_of(request), at=at)
    except (AlreadyMoved, services.VersionNotUsable, services.NotAllowed) as error:
        if is_own(error, by=staff_of(request)) and version.state == to:
            return go_to("clinic:version", version_id)
        conflict = conflict_words(error, clinic=clinic_of(request), at=at)
        return _show(request, version_or_404(version_id), conflict=conflict, status=409)
    messages.success(request, said)
    return go_to("clinic:version", version_id)


def _acts(request: AppRequest, version: ProtocolVersion) -> tuple[Act, ...]:
    staff = staff_of(request)
    return version_acts(
        version.state, is_signed=version.is_signed, needs_signature=not staff.clinic.is_demo, role=staff.role
    )


def _show(request: AppRequest, version: ProtocolVersion, *, conflict: str = "", status: int = 200) -> HttpResponse:
    page = version_page(version, clinic=clinic_of(request), role=staff_of(request).role, at=timezone.now())
    may_edit = staff_of(request).role in EDITS_PROTOCOLS
    return render_page(request, "clinic/version.html", page, may_edit=may_edit, conflict=conflict, status=status)
