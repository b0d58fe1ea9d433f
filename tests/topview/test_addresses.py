"""Which addresses belong to the open internet: a row for each range that does not, and for its neighbours."""

from __future__ import annotations

import io

import pytest

from tasks.topview import errors
from tasks.topview.addresses import AddressRule, is_public
from tasks.topview.downloads import DownloadRules, download

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "168.63.129.17",
    "192.0.1.1",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2001:4860:4860::8888",
    "2a00:1450:4001:81b::200e",
    # Wrapped by the machine itself, or by the net of a machine that has IPv6 alone.
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
NOT_PUBLIC = [
    # This machine, nothing, and what is near.
    *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "169.254.169.254", "168.63.129.16"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "100.127.255.254"),
    *("192.0.0.1", "192.0.0.9", "192.0.0.170", "192.88.99.1"),
    # Documentation, measuring, groups, the rest.
    *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.254"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    # The same in IPv6.
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1"),
    *("2001:db8::1", "3fff::1", "100::1", "100:0:0:1::1", "5f00::1", "200::1", "4000::1", "8000::1"),
    *("2001::1", "2001:2::1", "2001:10::1", "2001:20::1"),
    # IPv4 inside: compatible, mapped, translated, NAT64, NAT64 of one's own, 6to4, Teredo.
    *("::7f00:1", "::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:168.63.129.16", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::169.254.169.254", "64:ff9b::224.0.0.1"),
    *("64:ff9b:1::1", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::808:808"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_may_be_visited(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_name_leads_to_an_address_that_is_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)
    rule = AddressRule(resolver=lambda _host, _port: ["93.184.215.14", address])
    with pytest.raises(errors.NotAllowed):
        rule.addresses("https", "media.example", 443)


@pytest.mark.parametrize("address", ["[::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:808:808::1]", "100.64.0.1"])
def test_a_file_at_such_an_address_is_not_fetched(address: str) -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise AssertionError("nothing should be looked up")

    rules = DownloadRules(max_bytes=1000, addresses=AddressRule(resolver=resolver))
    with pytest.raises(errors.NotAllowed):
        download(f"https://{address}/x.mp4", io.BytesIO(), rules=rules)
