"""The main job in a real browser, on the whole running app."""
