"""The worker: django-q2's clusters under a supervisor that stops them cleanly and sees them stuck."""
