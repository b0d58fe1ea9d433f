"""A form's field for a name."""

from typing import Any

from django import forms

from tasks.names import clean_name


class NameField(forms.CharField):
    """A name in one line; characters that show nothing are none."""

    def to_python(self, value: Any) -> str:
        return clean_name(super().to_python(value) or "")
