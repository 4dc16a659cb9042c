"""A client of Polywire on the standard library alone, written from docs/protocol.md; R1, R2, ... are the rules there."""
import asyncio, base64, itertools, json, logging, random, secrets, time, urllib.parse
UNCOUNTED = {"hello", "welcome", "ping", "pong", "received", "bye"}  # R1
def encode(frame): return json.dumps({k: v for k, v in frame.items() if v is not None or k == "payload"}).encode()
class PolywireError(Exception):  # what the server refused (codes: section 10), or why a wire, or all, is over
    def __init__(self, code, message="", retry_after=0, over=True):
        super().__init__(f"{code}: {message}")
        self.code, self.retry_after, self.over = code, retry_after, over

async def websocket(client):
    """Carries the client's session over a WebSocket (RFC 6455) until that is lost."""
    url, key = urllib.parse.urlsplit(client.url), base64.b64encode(secrets.token_bytes(16)).decode()
    port = url.port or (443 if url.scheme == "https" else 80)
    reader, writer = await asyncio.wait_for(asyncio.open_connection(url.hostname, port, ssl=url.scheme == "https" or None), 10)
    def write(data, opcode=1):
        n, mask = len(data), secrets.token_bytes(4)
        size = bytes([128 + n]) if n < 126 else b"\xfe" + n.to_bytes(2, "big") if n < 65536 else b"\xff" + n.to_bytes(8, "big")
        writer.write(bytes([128 + opcode]) + size + mask + bytes(map(int.__xor__, data, itertools.cycle(mask))))
    async def read(message=b"", last=0):
        while not last:
            head, size = await reader.readexactly(2)
            if size > 125: size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
            data, opcode = await reader.readexactly(size), head & 15
            if opcode == 8: raise EOFError("closed")
            if opcode == 9: write(data, 10)
            if opcode < 8: message, last = message + data, head & 128
        return message
    try:
        writer.write((f"GET {url.path}/websocket HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\n"
                      f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1").lower()
        status, wait = head.split()[1], head.partition("\nretry-after: ")[2].split("\r")[0]
        if status != "101": raise PolywireError("refused", f"HTTP {status}", int(wait or 0), status in ("401", "403"))  # R42
        write(encode(client.hello()))
        while True:  # 10 s for the welcome (R38); after it, two silent heartbeats are the end of the wire
            data = await asyncio.wait_for(read(), 2 * client.heartbeat if client.welcomed else 10)
            client.take(json.loads(data), len(data), write)
    finally:
        client.write = None
        writer.close()

class Client:
    """One session: `async with Client(url) as client`. What is asked while no wire works is sent when one does again."""
    def __init__(self, url, token=lambda: None, wires=(websocket,)):
        self.url, self.token, self.wires, self.nonce = url.rstrip("/"), token, wires, secrets.token_hex(16)  # R4
        self.session = self.write = self.timer = self.why = self.welcomed = self.closing = None
        self.attach = self.received = self.number = self.accepted = self.unsaid = 0
        self.queue, self.pending, self.handlers, self.joined, self.wanted, self.positions = [], {}, {}, set(), set(), {}
    async def __aenter__(self):
        self.ready, self.running = asyncio.Event(), asyncio.create_task(self._run())
        self.running.add_done_callback(self._end)
        await self.ready.wait()
        if self.why: raise self.why
        return self
    async def __aexit__(self, *_):
        self.closing = True
        self._say(type="bye", sent=self.accepted + len(self.queue))  # R40
        await asyncio.wait([self.running], timeout=5 if self.write else 0)
        self.running.cancel()
    def _end(self, _):  # however it ended, nobody waits any longer
        self.why = self.why or PolywireError("closed")
        for _, answer in self.pending.values(): answer.done() or answer.set_exception(self.why)
        self.ready.set()
    def ask(self, type, **members):  # sends a frame of section 1.1; awaiting the future gives its answer, or raises
        frame, answer = {"type": type, "id": secrets.token_hex(8), **members}, asyncio.get_running_loop().create_future()
        self._send(frame)
        self.pending[frame["id"]] = frame, answer
        return answer
    def subscribe(self, channel, handler):  # which gets each frame of the channel, first `subscribed` (of each session)
        self.handlers[channel] = handler
        return self.ask("subscribe", channels=[channel])
    def _send(self, frame):  # a counted frame stays in the queue until the server has it, whichever wires come and go
        data = encode(frame)
        if self.why: raise self.why
        if len(data) > self.limits["frame"]: raise PolywireError("too_large")  # R27
        if len(self.queue) >= 10_000: raise PolywireError("queue_full")  # R44
        self.queue.append(data), self.write and self.write(data)
    def _say(self, **frame): self.write and self.write(encode(frame))  # an uncounted frame may be lost with its wire
    def hello(self):
        self.attach += 1  # R10
        resume = self.session and {**self.session, "attach": self.attach, "received": self.received, "confirmed": self.accepted}
        return {"type": "hello", "versions": [1], "client": self.nonce, "token": self.token(), "resume": resume}
    def take(self, frame, size, write):
        kind = frame["type"]
        if kind == "welcome": self._welcome(frame, write)
        if kind == "received": self.accept(frame["count"])
        if kind == "bye":
            if frame.get("sent", 0) > self.received: logging.warning("%d frames are lost", frame["sent"] - self.received)  # R40
            if frame["reconnect"] == "new": self.session = None
            raise PolywireError(frame["reason"], "bye", frame.get("retryAfter", 0) / 1000, frame["reconnect"] == "none")
        if kind == "ping":
            if frame.get("count", self.number) != self.number: raise EOFError("out of step")  # R21
            self._say(type="pong", id=frame.get("id"), count=self.accepted + len(self.queue))  # R22, R39
        if kind in UNCOUNTED or not self.welcomed: return  # an error before the welcome has no number
        self.number += 1
        if self.number > self.received + 1: raise EOFError("out of step")  # R21
        if self.number <= self.received: return
        self.received, self.unsaid = self.number, self.unsaid + size
        if self.unsaid > 16_384: self._report()
        elif not self.timer: self.timer = asyncio.get_running_loop().call_later(0.5, self._report)
        self._hand_over(frame, frame["type"], frame.get("channel"))
    def accept(self, count): self.queue, self.accepted = self.queue[max(count - self.accepted, 0):], max(count, self.accepted)
    def _report(self):  # R22
        self.timer, self.unsaid = None, 0
        self._say(type="received", count=self.received)
    def _welcome(self, frame, write):
        self.number, self.heartbeat = frame["first"] - 1, frame["heartbeat"] / 1000
        self.welcomed = self.welcomed or time.monotonic()
        if not frame["resumed"]:  # R17: a new session; each channel goes on from its position
            self.session, self.limits = {"session": frame["session"], "secret": frame["secret"]}, frame["limits"]
            self.attach = self.accepted = self.received = 0
            self.queue, old, self.pending, joined, self.joined = [], self.pending, {}, sorted(self.wanted), set()
            known = {channel: self.positions[channel] for channel in joined if self.positions[channel]}
            if joined: self._send({"type": "subscribe", "id": "again", "channels": joined, "positions": known})
            for id, (asked, answer) in old.items():
                if asked["type"] in ("publish", "subscribe", "presence"): self.pending[id] = self._send(asked) or (asked, answer)
                elif not answer.done(): answer.set_exception(PolywireError("outcome_unknown"))
        self.accept(frame["received"])
        self.write = write
        for data in self.queue: write(data)  # R12, R25
        self._report()  # R7: also a sign of life
        self.ready.set()
    def _hand_over(self, frame, kind, channel):
        if kind == "refresh": self.ask("refresh", token=self.token())  # R75
        if kind == "request": return self._send({"type": "error", "id": frame["id"], "code": "not_found"})
        answer = self.pending.pop(frame.get("id"), (0, None))[1]
        error = kind == "error" and PolywireError(frame["code"], frame["message"], frame.get("retryAfter", 0) / 1000)
        if answer and not answer.done(): answer.set_exception(error) if error else answer.set_result(frame)
        if kind == "subscribed": self.joined.add(channel), self.wanted.add(channel)  # wanted in the sessions after this one, too
        if kind in ("subscribed", "gap") and not frame.get("already"):
            self.positions[channel] = frame.get("position") or self.positions.get(channel, {})
        if channel in self.joined or kind == "error" and channel in self.handlers:  # R34
            if "offset" in frame and (at := self.positions[channel]): at["offset"] = max(at["offset"], frame["offset"])  # R32
            if kind == "unsubscribed": self.joined.discard(channel), self.wanted.discard(channel)
            try: self.handlers[channel](frame)
            except Exception: logging.exception("the handler of %s", channel)
        if "confirm" in frame: self._send({"type": "ack", "id": frame["confirm"]})  # R37
    async def _run(self):
        tries, first, wire = 0, set(self.wires[1:]), next(order := itertools.cycle(self.wires))
        while not self.why:
            self.welcomed = None
            try: await wire(self)
            except Exception as e: lost = e if isinstance(e, PolywireError) else PolywireError("lost", repr(e), over=False)
            if lost.over or self.closing: self.why = lost
            if not self.welcomed: wire = next(order); logging.warning("no connection: %s", lost)  # R43
            elif time.monotonic() - self.welcomed > 5: tries, first = 0, set(self.wires)  # R41
            wait = 0 if wire in first else random.uniform(0, min(30, 0.5 * 2 ** tries))  # R19, R41
            first, tries = first - {wire}, tries + 1
            await asyncio.sleep(0 if self.why else max(wait, lost.retry_after))
