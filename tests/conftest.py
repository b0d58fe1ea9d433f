"""Fixtures that many folders use."""

pytest_plugins = ["tests.parts", "tests.order"]
