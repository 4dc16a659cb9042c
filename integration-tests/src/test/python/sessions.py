"""What PythonClientTest runs: a client on wires that are played here, with sessions that go before they are subscribed, and a server that says nothing."""
import asyncio, json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from polywire import Client, PolywireError

sent, played = [], []

async def wire(client):
    number = len(played)
    played.append(number)
    client.hello()
    mine = []
    def write(data):
        frame = json.loads(data)
        if frame["type"] == "subscribe":
            mine.append(frame)
    client.take({"type": "welcome", "session": str(number), "secret": "s", "resumed": False, "first": 1, "received": 0, "heartbeat": 25000,
                 "limits": {"frame": 65536, "post": 65536}}, 0, write)
    sent.append(mine)
    try:
        if number == 0:  # subscribed here; in the session after this one it never comes to it
            while not mine:
                await asyncio.sleep(0)
            client.take({"type": "subscribed", "id": mine[-1]["id"], "channel": "test:a", "position": {"epoch": "e", "offset": 7}}, 0, write)
            await asyncio.sleep(0.01)
        elif number == 2:
            await asyncio.Event().wait()
    finally:
        client.write = None
    raise EOFError("lost")

async def main():
    client = Client("http://127.0.0.1:1", wires=(wire,))
    async with client:
        await client.subscribe("test:a", lambda frame: None)
        while len(played) < 3:
            await asyncio.sleep(0.01)
        answer = client.ask("history", channel="test:a")
        client.write = None  # so that closing does not wait for a wire
    try:
        await asyncio.wait_for(answer, 1)
        code = "answered"
    except PolywireError as e:
        code = e.code
    try:
        client.ask("history", channel="test:a")
        after = "asked"
    except PolywireError as e:
        after = e.code
    print(json.dumps({"again": sent[1:], "code": code, "after": after}))

asyncio.run(main())
