"""A page as a file."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse

from aftercare.sheet import paper_of
from journal.one_page import OnePage
from journal.papers import draw_page

TITLE = "A page for you"


def page_file(page: OnePage, *, country: str, at: datetime) -> HttpResponse:
    """A page as a PDF, on the paper of this country. Its name tells nothing."""
    pdf = draw_page(page, title=TITLE, paper=paper_of(country), made_at=at)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="page.pdf"'
    return response
