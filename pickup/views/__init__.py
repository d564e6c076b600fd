"""The escort's pages, and the patient's page of who picks them up."""
