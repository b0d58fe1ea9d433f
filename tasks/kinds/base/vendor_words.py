"""TopView's words as people write them. No page shows one as it came."""

from __future__ import annotations

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

# Facts whose values are names: "Middle Eastern" keeps its capitals.
_NAMES = ("accent", "ethnicity", "category")
_GENDERS: dict[str, str | Promise] = {"female": _("Female"), "male": _("Male")}
# Charges for what is no step of a format here.
_CHARGES: dict[str, str | Promise] = {
    "pa_download_without_watermark": _("Download without watermark"),
    "product_anyfit_v2_product_model": _("AnyShoot with a model"),
}


def fact_word(fact: str, value: object) -> str:
    """A fact of a catalog's entry: of "language" "fr" is "French", of "age" "Middle Age" is "Middle age"."""
    text = str(value or "")
    if fact == "language":
        # A code that nobody knows stays.
        is_known = text.lower() in LANG_INFO
        return str(capfirst(get_language_info(text.lower())["name_translated"])) if is_known else text
    if fact == "gender" and text.lower() in _GENDERS:
        return str(_GENDERS[text.lower()])
    return readable(text, is_name=fact in _NAMES)


def charge_word(task_type: str) -> str:
    """A type of the credit log that no format here is charged under."""
    return str(_CHARGES.get(task_type) or readable(task_type))


def readable(word: object, *, is_name: bool = False) -> str:
    """In sentence case, without underscores: "Cartoon_And_Animals" is "Cartoon and animals", "UGC" stays.

    A name that is written without underscores keeps its capitals.
    """
    first, *rest = str(word or "").replace("_", " ").split() or [""]
    if not (is_name and "_" not in str(word)):
        rest = [part if part.isupper() else part.lower() for part in rest]
    return " ".join([capfirst(first), *rest])
