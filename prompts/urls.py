"""Addresses of messages."""

from django.urls import path

from prompts import views

app_name = "prompts"
urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/texts/", views.texts, name="texts"),
    path("messages/emails/", views.emails, name="emails"),
    path("stop/<str:signed>/", views.stop_emails, name="stop_emails"),
    path("hooks/texts/", views.inbound, name="inbound"),
    path("hooks/reports/", views.reports, name="reports"),
    path("phone/", views.phone, name="phone"),
]
