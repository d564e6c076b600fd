"""Addresses of the escort's pages, and of the patient's page of who picks them up."""

from django.urls import path

from pickup.views import escort, language, people, tonight

app_name = "pickup"
urlpatterns = [
    path("f/<str:secret>/", escort.open_pickup, name="open"),
    path("pickup/", escort.list_duties, name="list"),
    path("pickup/ticks/", escort.tick, name="tick"),
    path("pickup/step/", escort.step, name="step"),
    path("pickup/cant-come/", escort.cant_come, name="cant_come"),
    path("pickup/tonight/", tonight.tonight, name="tonight"),
    path("pickup/language/", language.pick_language, name="language"),
    path("pickup/settings/", tonight.settings, name="settings"),
    path("pickup/stop/", tonight.stop, name="stop"),
    path("set-up/people/", people.people, name="people"),
    path("set-up/people/link/", people.share, name="share"),
    path("set-up/people/end-link/", people.withdraw, name="withdraw"),
    path("home-safe/", people.home, name="home_safe"),
]
