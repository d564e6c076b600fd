"""Addresses of messages."""

from django.urls import path

from prompts.views import anybody, choices, hooks, messages, push

app_name = "prompts"
urlpatterns = [
    path("m/<int:prompt_id>/", messages.prompt, name="prompt"),
    path("messages/", messages.messages, name="messages"),
    path("messages/texts/", messages.texts, name="texts"),
    path("messages/emails/", messages.emails, name="emails"),
    path("messages/tap/", choices.tap, name="tap"),
    path("messages/done/", choices.done, name="done"),
    path("messages/first/", choices.first_way, name="first_way"),
    path("messages/name/", choices.alias, name="alias"),
    path("messages/clock/", choices.clock, name="clock"),
    path("messages/push/", messages.push, name="push"),
    path("push/subscribe/", push.subscribe, name="subscribe"),
    path("push/unsubscribe/", push.unsubscribe, name="unsubscribe"),
    path("stop/<str:signed>/", anybody.stop_emails, name="stop_emails"),
    path("hooks/texts/", hooks.inbound, name="inbound"),
    path("hooks/reports/", hooks.reports, name="reports"),
    path("phone/", anybody.phone, name="phone"),
]
