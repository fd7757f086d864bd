"""Pages in headless Chromium, which the tests drive through the DevTools protocol."""
