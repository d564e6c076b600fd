"""Addresses of messages."""

from django.urls import path

from prompts.views import anybody, hooks, messages, push

app_name = "prompts"
urlpatterns = [
    path("messages/", messages.messages, name="messages"),
    path("messages/texts/", messages.texts, name="texts"),
    path("messages/emails/", messages.emails, name="emails"),
    path("messages/push/", messages.push, name="push"),
    path("push/subscribe/", push.subscribe, name="subscribe"),
    path("push/unsubscribe/", push.unsubscribe, name="unsubscribe"),
    path("stop/<str:signed>/", anybody.stop_emails, name="stop_emails"),
    path("hooks/texts/", hooks.inbound, name="inbound"),
    path("hooks/reports/", hooks.reports, name="reports"),
    path("phone/", anybody.phone, name="phone"),
]
