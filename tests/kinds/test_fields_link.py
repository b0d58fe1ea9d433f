"""Which addresses count as a product page."""

import pytest
from django.core.exceptions import ValidationError

from tasks.kinds.base import Link


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://shop.example/cups/blue?size=2#reviews", "https://shop.example/cups/blue?size=2#reviews"),
        ("http://shop.example", "http://shop.example/"),
        ("  shop.example/cups  ", "https://shop.example/cups"),
        ("HTTPS://Shop.Example:8443/Cups", "https://shop.example:8443/Cups"),
        ("https://shop.example/Tassen/größe", "https://shop.example/Tassen/gr%C3%B6%C3%9Fe"),
        ("https://bücher.example/a%20b", "https://xn--bcher-kva.example/a%20b"),
        ("https://93.184.216.34/cup", "https://93.184.216.34/cup"),
        ("https://[2606:2800:220:1::1]/cup", "https://[2606:2800:220:1::1]/cup"),
        ("https://shop.example./cup", "https://shop.example/cup"),
    ],
)
def test_an_address_on_the_open_internet_is_kept_in_ascii(typed, kept):
    assert Link().clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "http://localhost/cup",
        "https://localhost:8000/",
        "https://intranet/cup",
        "https://shop.local/",
        "https://db.internal/",
        "https://printer.lan/",
        "https://1.0.0.127.in-addr.arpa/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://192.168.0.7/cup",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.0x1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::a00:1]/",
        "https://１２７.０.０.１/",
    ],
)
def test_a_host_of_a_private_network_is_refused_with_words(typed):
    with pytest.raises(ValidationError, match="open internet"):
        Link().clean(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://shop.example/cup",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///cup",
        "https://me:secret@shop.example/",
        "https://shop.example@10.0.0.1/",
        "https://shop.example\\@10.0.0.1/",
        "https://shop.example:99999/",
        "https://shop.example:0/",
        "https://shop..example/",
        "https://shop.exam ple/",
        "https://shop.example/\u0000",
        "https://[shop.example/",
        "https://shop.example/" + "a" * 2000,
        "https://shop.example/" + "é" * 700,
        "https://" + "a" * 64 + ".example/",
        "https://sh%6fp.example/",
    ],
)
def test_what_is_not_the_address_of_a_page_is_refused(typed):
    with pytest.raises(ValidationError):
        Link().clean(typed)


def test_nothing_typed_is_nothing_unless_it_is_required():
    assert Link(required=False).clean("  ") == ""
    with pytest.raises(ValidationError, match="Give the address"):
        Link(required_message="Give the address.").clean("")
