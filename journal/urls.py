"""Addresses of the patient's private writing."""

from django.urls import path

from journal.views import intention, waiting

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", intention.intention, name="intention"),
    path("set-up/your-line/read/", intention.read_intention, name="read_intention"),
    path("words/not-today/", waiting.not_today, name="not_today"),
    path("words/not-today/<uuid:urge_id>/", waiting.urge, name="urge"),
    path("words/not-today/<uuid:urge_id>/let-go/", waiting.let_go, name="let_go"),
]
