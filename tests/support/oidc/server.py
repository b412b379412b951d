"""Starting the provider, and signing in at its pages as a browser would."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

FOLDER = Path(__file__).parent
CALLBACK = "http://testserver/oidc/acme/callback/"


@dataclass
class Identities:
    """The running provider. Its people are a file that it reads at every sign-in."""

    issuer: str
    accounts: Path

    def knows(self, **people: dict[str, Any]) -> None:
        """These people, with their claims, and nobody else."""
        self.accounts.write_text(json.dumps(people))

    def sign_in(self, address: str, name: str, browser: requests.Session | None = None) -> str:
        """Follow `address` through sign-in and consent; returns where the browser is sent back to.

        A browser that has been there before is not asked again, unless the address says so.
        """
        browser = browser or requests.Session()
        answer = browser.get(address, allow_redirects=False, timeout=10)
        for _ in range(12):
            if answer.is_redirect:
                target = requests.compat.urljoin(answer.url, answer.headers["Location"])
                if target.startswith(CALLBACK):
                    return target.removeprefix("http://testserver")
                answer = browser.get(target, allow_redirects=False, timeout=10)
                continue
            form = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert form, answer.text[:2000]
            assert prompt, answer.text[:2000]
            fields = {"prompt": prompt[1], "login": name, "password": "any"}
            answer = browser.post(form[1], data=fields, allow_redirects=False, timeout=10)
        raise AssertionError("the provider never sent the browser back")


@contextmanager
def identities(
    folder: Path, port: int, id_token_life: int = 60, callback: str = CALLBACK
) -> Iterator[Identities]:
    """Run the provider, which sends browsers back to `callback`.

    Skips, or fails under CI, where Node or its packages are missing.
    """
    missing = "Node.js" if not shutil.which("node") else ""
    if not missing and not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        missing = "npm ci in tests/support/oidc"
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"missing: {missing}")
    accounts = folder / "accounts.json"
    accounts.write_text("{}")
    command = ["node", str(FOLDER / "provider.mjs"), str(port), callback, str(accounts)]
    environment = os.environ | {"ID_TOKEN_TTL": str(id_token_life)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        _wait(f"http://localhost:{port}/.well-known/openid-configuration", process)
        yield Identities(f"http://localhost:{port}", accounts)
    finally:
        process.terminate()
        process.wait(10)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the provider ended at once"
        try:
            requests.get(address, timeout=1)
            return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError("the provider did not start")
