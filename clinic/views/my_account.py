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
from accounts.services.sign_ins import end_sign_ins, move_sign_in
from accounts.services.staff import change_password
from aftercare.http import render_page
from clinic.queries import account
from clinic.sign_in_forms import NewPasswordForm
from clinic.views.common import get_or_post, go_to, typed


@staff_page()
@require_safe
def my_account(request: AppRequest) -> HttpResponse:
    page = account.my_account(staff_of(request), this=sign_in_of(request), at=timezone.now())
    return render_page(request, "clinic/my_account.html", page)


@staff_page()
@require_POST
def my_sign_outs(request: AppRequest) -> HttpResponse:
    """Signs out one other browser, or all others. This one signs out by its own button."""
    others = staff_of(request).user.sign_ins.exclude(pk=sign_in_of(request).pk)
    if which := request.POST.get("which"):
        others = others.filter(pk=_uuid_or_404(which))
    ended = end_sign_ins(others)
    messages.success(request, f"Signed out: {ended}." if ended else "Nothing was open any more.")
    return go_to("my_account")


@sensitive_post_parameters("password1", "password2")
@staff_page()
@confirmed_page
@get_or_post
def my_password(request: AppRequest) -> HttpResponse:
    """A new one signs out every other browser."""
    member = staff_of(request)
    if not member.user.has_usable_password():
        return go_to("my_account")
    form = NewPasswordForm(typed(request), user=member.user)
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render_page(request, "clinic/my_password.html", form=form, status=status)
    change_password(member, form.cleaned_data["password1"], at=timezone.now())
    update_session_auth_hash(request, member.user)
    move_sign_in(sign_in_of(request), session_key=request.session.session_key or "")
    end_sign_ins(member.user.sign_ins.exclude(pk=sign_in_of(request).pk))
    messages.success(request, "Your password is changed. Every other browser is signed out.")
    return go_to("my_account")


def _uuid_or_404(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Http404 from None
