"""Addresses of the escort's pages, and of the patient's page of who picks them up."""

from django.urls import path

from pickup.views import escort

app_name = "pickup"
urlpatterns = [
    path("f/<str:secret>/", escort.open_pickup, name="open"),
    path("pickup/", escort.list_duties, name="list"),
    path("pickup/ticks/", escort.tick, name="tick"),
    path("pickup/step/", escort.step, name="step"),
    path("pickup/cant-come/", escort.cant_come, name="cant_come"),
]
