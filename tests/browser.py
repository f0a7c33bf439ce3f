"""A headless Chromium for tests, by the WebDriver protocol that chromedriver speaks over HTTP."""

import base64
import json
import os
import re
import subprocess
import urllib.request
from contextlib import contextmanager

# root runs Chromium only without its sandbox; no network: every name is unknown
ARGS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
ARGS += ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking"]


class Browser:
    """One window."""

    def __init__(self, server):
        self.server = server
        options = {"args": ARGS}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{answer['sessionId']}"

    def _send(self, method, path, data=None):
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.server + path, body, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self._send("POST", f"{self.session}/url", {"url": url})

    def run(self, script, *args):
        """What a script returns; it may be a promise."""
        about = {"script": f"return (async () => {{{script}}})()", "args": args}
        return self._send("POST", f"{self.session}/execute/sync", about)

    def click(self, css):
        """Click as a person would: what is hidden or covered raises."""
        found = self._send(
            "POST", f"{self.session}/element", {"using": "css selector", "value": css}
        )
        self._send("POST", f"{self.session}/element/{next(iter(found.values()))}/click", {})

    def resize(self, width, height):
        """The page itself that wide, as on a phone: windows have a least width."""
        about = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": about}
        self._send("POST", f"{self.session}/goog/cdp/execute", command)

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self._send("GET", f"{self.session}/screenshot")))

    def console(self):
        """All that went to the console since the last call."""
        return self._send("POST", f"{self.session}/se/log", {"type": "browser"})

    def quit(self):
        self._send("DELETE", self.session)


@contextmanager
def chromium(folder):
    """A browser with a home of its own."""
    home = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = ["chromedriver", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=home) as driver:
        try:
            port = next(
                m[1]
                for line in driver.stdout
                if (m := re.search(r"successfully on port (\d+)", line))
            )
            browser = Browser(f"http://127.0.0.1:{port}")
            try:
                yield browser
            finally:
                browser.quit()
        finally:
            driver.terminate()
