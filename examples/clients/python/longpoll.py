"""Long polling for polywire.py, as a second wire where WebSockets do not come through:

    Client(url, wires=(websocket, longpoll))
"""
import asyncio, json, urllib.error, urllib.request
from polywire import PolywireError, encode

async def longpoll(client):
    """Carries the client's session by polls and POSTs until one of them fails."""
    work, leaving = asyncio.Event(), asyncio.Event()

    def write(_):  # what there is to send is in the client's queue
        work.set()

    async def http(method, path, body=None, **headers):
        request = urllib.request.Request(client.url + path, body, method=method)
        for name, value in headers.items():
            request.add_header("Polywire-" + name, str(value))
        request.add_header("Content-Type", "application/json")
        if client.token():
            request.add_header("Authorization", "Bearer " + client.token())  # R76: with every attach
        try:
            with await asyncio.to_thread(urllib.request.urlopen, request, timeout=90) as reply:
                return json.loads(await asyncio.to_thread(reply.read))
        except urllib.error.HTTPError as e:
            if e.code == 404:
                client.session = None  # R14: the session is gone; the next hello opens another
            wait, over = int(e.headers.get("Retry-After") or 0), e.code in (401, 403)  # R42
            raise PolywireError("refused", f"HTTP {e.code} {e.read().decode()}", wait, over) from None

    def session():
        return {"Session": client.session["session"], "Secret": client.session["secret"]} if client.session else {}

    async def polls():
        first = True
        while True:
            hello, headers = client.hello(), session()
            if headers:  # R9: on HTTP a resume is in the headers; each poll is an attach
                headers |= {"Attach": client.attach, "Received": client.received, "Confirmed": client.accepted}
            hello.pop("resume")
            try:
                if first:
                    frames = await http("POST", "/poll", encode(hello), **headers)
                else:
                    frames = await http("GET", "/poll?wait=25000", **headers)
            except PolywireError:
                if leaving.is_set():  # the session may end before this poll gets there; what our bye is answered counts
                    await asyncio.Future()
                raise
            first = False
            for frame in frames:
                client.take(frame, 0, write)

    async def posts():
        while True:
            await work.wait()
            work.clear()
            while client.queue:  # R26: as much as a POST may have; one at a time (R25)
                batch, size = [], 0
                for data in client.queue[:1000]:
                    size += len(data) + 1
                    if batch and size > client.limits["post"]:
                        break
                    batch.append(data)
                body, first = b"[" + b",".join(batch) + b"]", client.accepted + 1
                client.accept((await http("POST", "/send", body, **session(), First=first))["received"])
            if client.closing:
                leaving.set()
                await http("POST", "/send", encode({"type": "bye", "sent": client.accepted}), **session())
                raise PolywireError("normal")

    tasks = [asyncio.ensure_future(polls()), asyncio.ensure_future(posts())]
    try:
        for done in (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]:
            done.result()
    finally:
        client.write = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
