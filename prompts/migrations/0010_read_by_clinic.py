"""What letters hang on, of many clinics in one statement: each clinic's rows are read inside its own walls, one after another.

It runs with its caller's rights, and the setting of before comes back.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION prompts_read_by_clinic(clinics uuid[], patients uuid[], treatments uuid[], leaving boolean[])
RETURNS TABLE (what text, about uuid, words text, more text, until timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('app.clinic_id', true), '');
  its record;
BEGIN
  FOR its IN
    SELECT u.clinic, array_agg(u.patient) AS patients, array_agg(u.treatment) AS treatments,
           array_agg(u.patient) FILTER (WHERE u.leaves) AS leaving
      FROM unnest(clinics, patients, treatments, leaving) AS u (clinic, patient, treatment, leaves) GROUP BY u.clinic
  LOOP
    PERFORM set_config('app.clinic_id', its.clinic::text, true);
    RETURN QUERY
      SELECT 'clinic', c.id, c.sender_name::text, c.phone::text, NULL::timestamptz
        FROM accounts_clinic c WHERE c.id = its.clinic
      UNION ALL SELECT 'visit', t.id, t.state::text, '', NULL
        FROM timeline_treatment t WHERE t.id = ANY (its.treatments)
      UNION ALL SELECT 'choice', m.patient_id, m.first_way::text, m.alias::text, m.paused_until
        FROM prompts_messagechoice m WHERE m.patient_id = ANY (its.patients)
      UNION ALL SELECT w.kind::text, w.patient_id, w.address::text, w.id::text, NULL
        FROM accounts_channel w WHERE w.patient_id = ANY (its.leaving)
        AND w.consented_at IS NOT NULL AND w.stopped_at IS NULL AND w.failed_at IS NULL;
  END LOOP;
  PERFORM set_config('app.clinic_id', before, true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("prompts", "0009_where_a_pause_began"),
        ("accounts", "0010_push_and_ways_that_fail"),
        ("timeline", "0008_isolation_of_reminders"),
    ]

    operations = [
        migrations.RunSQL(
            CREATE, "DROP FUNCTION prompts_read_by_clinic(uuid[], uuid[], uuid[], boolean[])"
        ),
    ]
