"""The page to write on, and the saving of it while somebody types. Neither needs the PIN, and neither shows old words."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from journal.access import by_its_writer
from journal.forms import NOTHING, WordsForm
from journal.queries import write_page
from journal.services import JournalClosed, keep_words
from journal.views.common import answer_saving

WRITE = "journal/write.html"
# In the session of who took the question away: none is asked until they want one again.
UNASKED = "words_unasked"


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def write(request: AppRequest) -> HttpResponse:
    """A new text. What was typed stays in the page when it can't be kept."""
    patient, at = patient_of(request), timezone.now()
    question = _question(request)
    page = write_page(patient, question=question, at=at)
    if "ask" in request.POST:
        return render_page(request, WRITE, page, form=WordsForm.unsent(request.POST, question=page.question))
    form = WordsForm(typed(request), initial={"question": page.question})
    if form.is_valid() and form.words.is_blank:
        form.add_error("text", NOTHING)
    if not form.is_valid():
        return show_form(request, WRITE, form, page)
    try:
        keep_words(patient, entry_id=form.entry_id(patient), words=form.words, saving=form.saving, at=at)
    except JournalClosed as error:
        form.add_error("text", str(error))
        return render_page(request, WRITE, page, form=form, status=503)
    return see_other(f"{reverse('journal:write')}?kept=1")


@sensitive_post_parameters()
@patient_page
@by_its_writer
@require_POST
def save(request: AppRequest) -> HttpResponse:
    """What is there so far, sent by the page itself. Nothing comes back that the field has to take on."""
    patient, at = patient_of(request), timezone.now()
    _question(request)
    return answer_saving(patient, WordsForm(request.POST), at=at)


def _question(request: AppRequest) -> str | None:
    """The question of this page, as for write_page(). Whether none is wanted is remembered from what was sent last."""
    question = request.POST.get("ask", request.POST.get("question"))
    if question is None:
        return "" if request.session.get(UNASKED) else None
    if bool(request.session.get(UNASKED)) != (not question):
        request.session[UNASKED] = not question
    return question
