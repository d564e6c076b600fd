"""Every address of the project, by audience."""

from django.urls import include, path

handler400 = "aftercare.errors.bad_request"
handler403 = "aftercare.errors.forbidden"
handler404 = "aftercare.errors.not_found"
handler500 = "aftercare.errors.server_error"

urlpatterns = [
    path("", include("timeline.urls")),
    path("", include("accounts.urls")),
    path("", include("prompts.urls")),
    path("", include("checkin.urls")),
    path("", include("pickup.urls")),
    path("", include("journal.urls")),
    path("", include("clinic.urls")),
    path("", include("clinic.demo_urls")),
    path("staff/", include("clinic.account_urls")),
]
