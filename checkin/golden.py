"""The golden set: what each rule says below, at and above its line, for the clinician who signs."""
