"""Which addresses of the internet are everyone's: no others are asked because a URL says so."""

import ipaddress
import socket
from collections.abc import Callable

from studybuddy.errors import PermissionDeniedError, UnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]  # a host's and a port's IP addresses; raises OSError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address stands in its last 32 bits
_FIX = "Name the host in STUDY_BUDDY_ALLOW_HOSTS if it is a server of your own."


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses, in its order."""
    return _asked(host, port)


def _asked(host: str, port: int, *, flags: int = 0) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def written(host: str, port: int) -> list[str]:
    """Return the addresses that a host's text is itself, in any spelling; none for a name that is to be looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]  # RFC 6761: on every computer
    try:
        return _asked(host, port, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []


def addresses_of(host: str, port: int, *, asking: Resolve, allowed: bool) -> list[str]:
    """Return the addresses to connect to; raise PermissionDeniedError when one of them is not public.

    An `allowed` host may be in this network; a link-local address, where clouds keep their machines' secrets, never.
    """
    try:
        found = asking(host, port)
    except (OSError, UnicodeError) as error:
        raise UnavailableError(f"{host} cannot be found", fix="Check the address and the internet connection.") from (
            error
        )
    for text in found:
        address = _address(text)
        if not (is_public(address) or (allowed and not _plain(address).is_link_local)):
            raise PermissionDeniedError(
                f"{host} is not on the internet, but inside a network or this computer: it is not asked", fix=_FIX
            )
    return found


def is_public(address: Address) -> bool:
    """Tell whether an address is one that everyone can reach."""
    plain = _plain(address)
    if isinstance(plain, ipaddress.IPv6Address) and (plain.sixtofour or plain.teredo):
        return False  # tunnels: where they end, nobody can say
    return plain.is_global and not (plain.is_multicast or plain.is_reserved or plain.is_unspecified)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, else the address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.partition("%")[0])  # without the zone
