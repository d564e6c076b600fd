"""Addresses of the staff's pages. Signing in and out has its own: clinic.account_urls."""

from django.urls import path

from clinic.views import board, patients, protocols, treatments

app_name = "clinic"
urlpatterns = [
    path("staff/", board.today, name="today"),
    path("staff/patients/", patients.patients, name="patients"),
    path("staff/patients/add/", patients.add_patient, name="add_patient"),
    path("staff/patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("staff/patients/<uuid:patient_id>/phone/", patients.patient_phone, name="patient_phone"),
    path("staff/patients/<uuid:patient_id>/phone/end/", patients.end_patient_phones, name="end_patient_phones"),
    path("staff/patients/<uuid:patient_id>/plan/", treatments.plan_treatment, name="plan_treatment"),
    path("staff/treatments/<uuid:treatment_id>/start/", treatments.start_treatment, name="start_treatment"),
    path("staff/treatments/<uuid:treatment_id>/end/", treatments.end_treatment, name="end_treatment"),
    path("staff/treatments/<uuid:treatment_id>/left/", treatments.discharge_treatment, name="discharge_treatment"),
    path("staff/treatments/<uuid:treatment_id>/hour-0/", treatments.correct_treatment, name="correct_treatment"),
    path("staff/treatments/<uuid:treatment_id>/cancel/", treatments.cancel_treatment, name="cancel_treatment"),
    path("staff/treatments/<uuid:treatment_id>/badly/", treatments.end_treatment_badly, name="end_treatment_badly"),
    path("staff/protocols/", protocols.protocols, name="protocols"),
    path("staff/protocols/add/", protocols.add_version, name="add_version"),
    path("staff/protocols/<uuid:version_id>/", protocols.version, name="version"),
    path("staff/protocols/<uuid:version_id>/file/", protocols.version_file, name="version_file"),
    path("staff/protocols/<uuid:version_id>/sign/", protocols.sign_version, name="sign_version"),
    path("staff/protocols/<uuid:version_id>/publish/", protocols.publish_version, name="publish_version"),
    path("staff/protocols/<uuid:version_id>/retire/", protocols.retire_version, name="retire_version"),
]
