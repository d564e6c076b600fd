"""Addresses of the staff's pages. Signing in and out has its own: clinic.account_urls."""

from django.urls import path

from clinic.views import board, check_ins, history, invitations, patients, protocols, reach, team, treatments

app_name = "clinic"
urlpatterns = [
    path("staff/", board.today, name="today"),
    path("staff/patients/", patients.patients, name="patients"),
    path("staff/patients/add/", patients.add_patient, name="add_patient"),
    path("staff/patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("staff/patients/<uuid:patient_id>/history/", history.patient_history, name="patient_history"),
    path("staff/patients/<uuid:patient_id>/assessment/", history.patient_assessment, name="patient_assessment"),
    path("staff/patients/<uuid:patient_id>/phone/", reach.patient_phone, name="patient_phone"),
    path("staff/patients/<uuid:patient_id>/phone/end/", reach.end_patient_phones, name="end_patient_phones"),
    path("staff/patients/<uuid:patient_id>/number/", reach.patient_number, name="patient_number"),
    path("staff/patients/<uuid:patient_id>/card/", reach.patient_card, name="patient_card"),
    path("staff/patients/<uuid:patient_id>/plan/", treatments.plan_treatment, name="plan_treatment"),
    path("staff/patients/<uuid:patient_id>/check-in/", check_ins.take_check_in, name="take_check_in"),
    path("staff/patients/<uuid:patient_id>/check-ins/<uuid:check_in_id>/", check_ins.check_in, name="check_in"),
    path(
        "staff/patients/<uuid:patient_id>/check-ins/<uuid:check_in_id>/next/",
        check_ins.go_on_check_in,
        name="go_on_check_in",
    ),
    path(
        "staff/patients/<uuid:patient_id>/check-ins/<uuid:check_in_id>/q/<slug:question>/",
        check_ins.check_in_question,
        name="check_in_question",
    ),
    path("staff/treatments/<uuid:treatment_id>/invite/", invitations.invite_treatment, name="invite_treatment"),
    path("staff/treatments/<uuid:treatment_id>/start/", treatments.start_treatment, name="start_treatment"),
    path("staff/treatments/<uuid:treatment_id>/end/", treatments.end_treatment, name="end_treatment"),
    path("staff/treatments/<uuid:treatment_id>/given/", treatments.treatment_given, name="treatment_given"),
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
    path("staff/team/", team.team, name="team"),
    path("staff/team/invite/", team.invite_staff, name="invite_staff"),
    path("staff/team/<uuid:member_id>/", team.team_member, name="team_member"),
    path("staff/team/<uuid:member_id>/role/", team.change_role, name="change_role"),
    path("staff/team/<uuid:member_id>/deactivate/", team.deactivate_staff, name="deactivate_staff"),
    path("staff/team/<uuid:member_id>/invite/", team.invite_again, name="invite_again"),
    path("staff/team/<uuid:member_id>/withdraw/", team.withdraw_invitation, name="withdraw_invitation"),
]
