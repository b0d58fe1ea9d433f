"""The languages in which TopView writes and speaks marketing videos (operation submitM2vTask)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.fields.basic import Choice, Option

LANGUAGES = (
    Option("en", _("English")),
    Option("ar", _("Arabic")),
    Option("bg", _("Bulgarian")),
    Option("zh-CN", _("Chinese, simplified")),
    Option("zh-Hant", _("Chinese, traditional")),
    Option("hr", _("Croatian")),
    Option("cs", _("Czech")),
    Option("da", _("Danish")),
    Option("nl", _("Dutch")),
    Option("fil", _("Filipino")),
    Option("fi", _("Finnish")),
    Option("fr", _("French")),
    Option("de", _("German")),
    Option("el", _("Greek")),
    Option("hi", _("Hindi")),
    Option("hu", _("Hungarian")),
    Option("id", _("Indonesian")),
    Option("it", _("Italian")),
    Option("ja", _("Japanese")),
    Option("ko", _("Korean")),
    Option("ms", _("Malay")),
    Option("nb", _("Norwegian")),
    Option("pl", _("Polish")),
    Option("pt", _("Portuguese")),
    Option("ro", _("Romanian")),
    Option("ru", _("Russian")),
    Option("sk", _("Slovak")),
    Option("es", _("Spanish")),
    Option("sv", _("Swedish")),
    Option("th", _("Thai")),
    Option("tr", _("Turkish")),
    Option("uk", _("Ukrainian")),
    Option("vi", _("Vietnamese")),
)


class LongChoice(Choice):
    """A Choice with so many answers that it is drawn as a list to open."""

    widget_kind = "select"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select, **kwargs)


def speaks(voice_language: str, language: str) -> bool:
    """Whether a voice of one language code reads another: "pt-BR" reads "pt", Chinese must match wholly."""
    voice, wanted = voice_language.lower(), language.lower()
    return voice == wanted or ("-" not in wanted and voice.split("-")[0] == wanted)
