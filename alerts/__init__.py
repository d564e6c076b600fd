"""What staff must act on: alerts, the people on duty, and the messages that climb until somebody has it."""
