"""A headless Chromium, driven through its own debugging pipe: what a page logs, asks for and shows."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
PATIENCE = 30  # seconds


@dataclass
class Visit:
    """What a page said and asked for since it was opened."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Browser:
    """One Chromium with one tab. Raises RuntimeError when it does not answer."""

    def __init__(self) -> None:
        if not CHROMIUM:
            raise RuntimeError("There is no Chromium on this machine: apt-get install chromium.")
        self._profile = tempfile.TemporaryDirectory(prefix="pinlanding-chromium-", ignore_cleanup_errors=True)
        to_browser, self._commands = os.pipe()
        self._answers, from_browser = os.pipe()
        command = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}", "about:blank",
        ]  # fmt: skip
        # Chromium reads commands from descriptor 3 and answers on 4.
        shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command], pass_fds=(to_browser, from_browser), stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        os.set_blocking(self._answers, False)
        self._unread = b""
        self._number = 0
        self._session = ""
        self._visit = Visit()
        self._loaded = False
        target = next(one for one in self._send("Target.getTargets")["targetInfos"] if one["type"] == "page")
        attached = self._send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable")

    def open(self, address: str, width: int = 1280, height: int = 900) -> Visit:
        """Load a page in a window of this size and wait until it has loaded."""
        self._send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        # Between two addresses that differ in their fragment only nothing would load.
        self._send("Page.navigate", url="about:blank")
        self._visit, self._loaded = Visit(), False
        self._send("Page.navigate", url=address)
        deadline = time.monotonic() + PATIENCE
        while not self._loaded and time.monotonic() < deadline:
            self._read()
        self.run("new Promise(done => setTimeout(done, 50))")
        return self._visit

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in the page, a promise's result included."""
        answer = self._send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def screenshot(self, path: Path, whole_page: bool = False) -> None:
        """A PNG of the window, or of the whole page."""
        answer = self._send("Page.captureScreenshot", captureBeyondViewport=whole_page)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._commands)
        os.close(self._answers)
        self._profile.cleanup()

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for answer in self._read():
                if answer.get("id") == self._number:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']}")
                    return dict(answer["result"])
        raise RuntimeError(f"{method}: no answer from Chromium")

    def _read(self) -> list[dict[str, Any]]:
        try:
            self._unread += os.read(self._answers, 1 << 20)
        except BlockingIOError:
            time.sleep(0.005)
        *complete, self._unread = self._unread.split(b"\0")
        messages = [json.loads(text) for text in complete]
        for message in messages:
            self._note(message)
        return messages

    def _note(self, message: dict[str, Any]) -> None:
        match message:
            case {"method": "Page.loadEventFired"}:
                self._loaded = True
            case {"method": "Network.requestWillBeSent", "params": {"request": {"url": url}}}:
                self._visit.requests.append(url)
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
                self._visit.errors.append(str(details))
            case {"method": "Runtime.consoleAPICalled", "params": {"type": "error", "args": said}}:
                self._visit.errors.append(str(said))
            case {"method": "Log.entryAdded", "params": {"entry": {"level": "error"} as entry}}:
                self._visit.errors.append(f"{entry['text']} {entry.get('url', '')}")
            case {"method": "Page.javascriptDialogOpening", "params": {"message": said}}:
                self._visit.errors.append(f"dialog: {said}")
                os.write(
                    self._commands,
                    json.dumps(
                        {
                            "id": 0,
                            "method": "Page.handleJavaScriptDialog",
                            "params": {"accept": True},
                            "sessionId": self._session,
                        }
                    ).encode()
                    + b"\0",
                )
