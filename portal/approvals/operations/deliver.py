"""One POST to a webhook: only to hosts that the operator allows, and to no address that they do not mean."""

import socket
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import urllib3

CONNECT, READ = 3.0, 7.0  # seconds
Address = IPv4Address | IPv6Address


class NotAllowed(ValueError):
    """The address is none that may be spoken to; it will not be tried again."""


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str]) -> int:
    """The status of the answer. Raises NotAllowed, OSError and urllib3's errors.

    The name is resolved once and that address is connected to, so that a second answer of the name server
    changes nothing; TLS is held against the name. Redirects are not followed.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in ("http", "https") or parts.username or parts.password:
        raise NotAllowed("an address is http or https, without a password in it")
    address = _address(host, port, allowed)
    timeout = urllib3.Timeout(connect=CONNECT, read=READ)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            str(address), port, server_hostname=host, assert_hostname=host, timeout=timeout, retries=False
        )
    else:
        pool = urllib3.HTTPConnectionPool(str(address), port, timeout=timeout, retries=False)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        name = f"[{host}]" if ":" in host else host
        answer = pool.request(
            "POST",
            path,
            body=body,
            redirect=False,
            preload_content=False,
            headers={**headers, "Host": f"{name}:{port}" if parts.port else name},
        )
        answer.close()  # unread: an answer that never ends would keep all that waits behind it
        return int(answer.status)
    finally:
        pool.close()


def _address(host: str, port: int, allowed: Sequence[str]) -> Address:
    """Where to connect. An entry is `host`, `host:port` or either with `@network`: without one only public
    addresses are meant."""
    entries = [entry.partition("@") for entry in allowed]
    networks = [net for name, _, net in entries if name.lower() in (host.lower(), f"{host.lower()}:{port}")]
    if not host or not networks:
        raise NotAllowed(f"{host or 'no host'} is not among APPORTION_WEBHOOK_HOSTS")
    found = {ip_address(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for address in sorted(found, key=str):
        plain = getattr(address, "ipv4_mapped", None) or address
        if _never(plain):
            continue
        if any(plain in ip_network(net) if net else plain.is_global for net in networks):
            return address
    raise NotAllowed(f"{host} is at an address that APPORTION_WEBHOOK_HOSTS does not mean")


def _never(address: Address) -> bool:
    """Link-local addresses answer with credentials of machines in clouds; the others are nobody."""
    return address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
