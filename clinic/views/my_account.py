"""What a member of staff does about their own account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import confirmed_page, sign_in_of, staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.services.sign_ins import end_other_sign_ins, move_sign_in
from accounts.services.staff import change_password
from accounts.services.ways_in import ELSEWHERE, record_sign_out
from aftercare.http import get_or_post, render_page, show_form, typed
from clinic.queries import account
from clinic.sign_in_forms import NewPasswordForm
from clinic.views.common import go_to


@staff_page()
@require_safe
def my_account(request: AppRequest) -> HttpResponse:
    page = account.my_account(staff_of(request), this=sign_in_of(request), at=timezone.now())
    return render_page(request, "clinic/my_account.html", page)


@staff_page()
@require_POST
def my_sign_outs(request: AppRequest) -> HttpResponse:
    """Signs out one other browser, or all others. This one signs out by its own button."""
    which = request.POST.get("which")
    ended = end_other_sign_ins(sign_in_of(request), only=_uuid_or_404(which) if which else None)
    if ended:
        record_sign_out(staff_of(request).user, why=ELSEWHERE, at=timezone.now())
    messages.success(request, f"Signed out: {ended}." if ended else "Nothing was open any more.")
    return go_to("my_account")


@sensitive_post_parameters("password1", "password2")
@staff_page()
@confirmed_page(to="change your password")
@get_or_post
def my_password(request: AppRequest) -> HttpResponse:
    """A new one signs out every other browser."""
    member = staff_of(request)
    if not member.user.has_usable_password():
        return go_to("my_account")
    form = NewPasswordForm(typed(request), user=member.user)
    if not form.is_valid():
        return show_form(request, "clinic/my_password.html", form)
    change_password(member, form.cleaned_data["password1"], sign_in=sign_in_of(request), at=timezone.now())
    update_session_auth_hash(request, member.user)
    move_sign_in(sign_in_of(request), session_key=request.session.session_key or "")
    messages.success(request, "Your password is changed. Every other browser is signed out.")
    return go_to("my_account")


def _uuid_or_404(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Http404 from None
