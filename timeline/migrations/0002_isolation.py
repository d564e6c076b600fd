"""Walls between clinics, and protocol versions that never change once they are signed or published."""

from django.db import migrations

from aftercare.isolation import IsolateTenant

KEEP_VERSIONS = """
CREATE FUNCTION timeline_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'draft' THEN
      RAISE EXCEPTION 'a published protocol version is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
  END IF;
  IF (NEW.clinic_id, NEW.protocol_id, NEW.number, NEW.content, NEW.digest, NEW.created_at)
     IS DISTINCT FROM (OLD.clinic_id, OLD.protocol_id, OLD.number, OLD.content, OLD.digest, OLD.created_at)
     AND (OLD.state <> 'draft' OR OLD.signed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a signed or published protocol version never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.signed_at IS NOT NULL AND (NEW.signed_at, NEW.signed_by_id, NEW.signed_name)
     IS DISTINCT FROM (OLD.signed_at, OLD.signed_by_id, OLD.signed_name) THEN
    RAISE EXCEPTION 'a signature never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state <> 'draft' AND (NEW.signed_at, NEW.published_at, NEW.published_by_id)
     IS DISTINCT FROM (OLD.signed_at, OLD.published_at, OLD.published_by_id) THEN
    RAISE EXCEPTION 'a published protocol version never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('draft', 'published'), ('published', 'retired')) THEN
    RAISE EXCEPTION 'a protocol version goes from draft to published to retired' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE OR DELETE ON timeline_protocolversion
  FOR EACH ROW EXECUTE FUNCTION timeline_keep_version();

CREATE FUNCTION timeline_keep_version_of_treatment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a treatment keeps the protocol version it began with' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER keep_version_of_treatment BEFORE UPDATE OF protocol_version_id ON timeline_treatment
  FOR EACH ROW WHEN (OLD.protocol_version_id IS DISTINCT FROM NEW.protocol_version_id)
  EXECUTE FUNCTION timeline_keep_version_of_treatment();
"""
LET_VERSIONS_GO = """
DROP TRIGGER keep_version ON timeline_protocolversion;
DROP TRIGGER keep_version_of_treatment ON timeline_treatment;
DROP FUNCTION timeline_keep_version();
DROP FUNCTION timeline_keep_version_of_treatment();
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial"), ("accounts", "0002_isolation")]

    operations = [
        IsolateTenant("Protocol"),
        IsolateTenant("ProtocolVersion"),
        IsolateTenant("Treatment"),
        IsolateTenant("StepAnswer"),
        migrations.RunSQL(KEEP_VERSIONS, LET_VERSIONS_GO),
    ]
