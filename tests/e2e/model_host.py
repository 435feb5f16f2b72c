"""A host with the protocol for pulling models, and with the failures of real hosts."""

import functools
import hashlib
import http.server
import json
import random
import struct
import threading
import time

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@functools.lru_cache
def weights(megabytes=4, spec="WhisperSpec"):
    """The bytes of a valid model.bin: embeddings, a convolution, and padding."""
    noise = random.Random(7)

    def text(value):
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    def array(name, shape, payload):
        header = struct.pack(f"<B{len(shape)}I", len(shape), *shape)
        return text(name) + header + struct.pack("<BI", 4, len(payload)) + payload

    columns = max(1, megabytes * 1_000_000 // (2 * 51865))
    # Halves between -1 and 1: their exponent's upper bit is clear.
    halves = bytearray(noise.randbytes(2 * columns * 51865))
    for i in range(1, len(halves), 2):
        halves[i] &= 0xBB
    return (
        struct.pack("<I", 6)
        + text(spec)
        + struct.pack("<II", 3, 2)
        + array("decoder/embeddings/weight", (51865, columns), bytes(halves))
        + array("encoder/conv1/weight", (1, 1, 2), b"\x00\x3c\x00\x38")
        + struct.pack("<I", 0)
    )


def files(megabytes=4):
    """A whole repository, with one file that is not needed."""
    return {
        "config.json": b'{"lang_ids": []}',
        "model.bin": weights(megabytes),
        "tokenizer.json": b'{"model": {"vocab": {}}}',
        "vocabulary.json": b"[]",
        "README.md": b"Not needed.",
    }


class ModelHost:
    """The host, and a second server on another port that holds the large files. Change the
    fields to make it fail; `requests` are those that came: (server, method, path, headers)."""

    def __init__(self, repos):
        self.repos = repos
        self.requests = []
        self.token = None  # the token needed for access
        self.statuses = {}  # path's end -> statuses to answer with first
        self.retry_after = None
        self.wrong_hash = set()
        self.no_hash = set()
        self.cut_after = []  # bytes after which the next transfers of a large file end
        self.ranges = True
        self.pace = None  # bytes a second of large files
        self.flip = False  # large files arrive damaged
        self.redirect_to = None  # in place of the second server
        self.lock = threading.Lock()
        self.hub = self._start("hub")
        self.store = self._start("store")
        self.endpoint = f"http://127.0.0.1:{self.hub.server_port}"

    def close(self):
        for server in (self.hub, self.store):
            server.shutdown()
            server.server_close()

    def seen(self, server, ending=""):
        with self.lock:
            return [r for r in self.requests if r[0] == server and r[2].endswith(ending)]

    def _start(self, name):
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                host._answer(name, self)

            def do_HEAD(self):
                host._answer(name, self)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def _answer(self, name, request):
        with self.lock:
            headers = {key.lower(): value for key, value in request.headers.items()}
            self.requests.append((name, request.command, request.path, headers))
            planned = [s for end, s in self.statuses.items() if request.path.endswith(end) and s]
            status = planned[0].pop(0) if planned else None
        try:
            if status is not None:
                extra = {"Retry-After": self.retry_after} if self.retry_after else {}
                self._reply(request, status, b"no", extra)
            elif name == "store":
                self._send_large(request)
            else:
                self._answer_hub(request, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _reply(self, request, status, body=b"", headers=None):
        request.send_response(status)
        for key, value in (headers or {}).items():
            request.send_header(key, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def _answer_hub(self, request, headers):
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return self._reply(request, 401, b"{}")
        path = request.path
        for repo, content in self.repos.items():
            if path.startswith(f"/api/models/{repo}/revision/"):
                if not path.endswith(("/main", f"/{COMMIT}")):
                    return self._reply(request, 404, b"{}")
                names = [{"rfilename": name} for name in content]
                names.append({"rfilename": "../../escape"})
                return self._reply(
                    request, 200, json.dumps({"sha": COMMIT, "siblings": names}).encode()
                )
            prefix = f"/{repo}/resolve/{COMMIT}/"
            if path.startswith(prefix) and path[len(prefix) :] in content:
                return self._resolve(request, path[len(prefix) :], content[path[len(prefix) :]])
        return self._reply(request, 404, b"{}")

    def _resolve(self, request, name, content):
        if name != "model.bin":
            hashed = b"blob %d\0" % len(content) + content
            digest = hashlib.sha1(b"x" if name in self.wrong_hash else hashed).hexdigest()
            headers = {} if name in self.no_hash else {"ETag": f'W/"{digest}"'}
            return self._reply(request, 200, content, headers)
        digest = hashlib.sha256(b"x" if name in self.wrong_hash else content).hexdigest()
        target = self.redirect_to or f"http://127.0.0.1:{self.store.server_port}/large"
        headers = {
            "Location": f"{target}?repo={request.path.split('/resolve/')[0][1:]}",
            "X-Linked-Size": str(len(content)),
        }
        if name not in self.no_hash:
            headers["X-Linked-Etag"] = f'"{digest}"'
        return self._reply(request, 302, b"elsewhere", headers)

    def _send_large(self, request):
        repo = request.path.split("repo=")[1]
        content = self.repos[repo]["model.bin"]
        if self.flip:
            content = content[:1000] + b"\xff" + content[1001:]
        start = 0
        given = request.headers.get("Range")
        if given and self.ranges:
            start = int(given.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self._reply(request, 416)
        request.send_response(206 if start else 200)
        if start:
            end = len(content) - 1
            request.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        with self.lock:
            cut = self.cut_after.pop(0) if self.cut_after else None
        body = content[start:] if cut is None else content[start : start + cut]
        step = 1 << 16
        for at in range(0, len(body), step):
            request.wfile.write(body[at : at + step])
            if self.pace:
                time.sleep(step / self.pace)
        if cut is not None:
            request.close_connection = True
            request.connection.shutdown(2)
