"""Every field of every kind says how its answers show in the result, or why nobody can see them."""

from tasks.kinds import KINDS
from tests.fields import in_pictures, moving, selling, speaking

SHEETS = {**speaking.SHEETS, **moving.SHEETS, **in_pictures.SHEETS, **selling.SHEETS}
FORMS = {
    **{(slug, ""): kind.inputs for slug, kind in KINDS.items()},
    **{
        (slug, step.slug): inputs
        for slug, kind in KINDS.items()
        for step in kind.steps
        if (inputs := step.follow_up.inputs)
    },
}


def test_every_field_says_how_it_shows_or_why_it_cannot() -> None:
    told = {form: sorted(sheet.fields) for form, sheet in SHEETS.items()}
    assert told == {
        form: sorted(name for name, _field in inputs.own_fields()) for form, inputs in FORMS.items()
    }


def test_a_field_that_cannot_be_seen_says_so_in_a_sentence() -> None:
    reasons = [
        entry for sheet in SHEETS.values() for entry in sheet.fields.values() if isinstance(entry, str)
    ]
    assert all(len(reason.split()) > 5 for reason in reasons)
