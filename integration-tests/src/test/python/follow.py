"""What PythonClientTest runs: follows `test:down` until "stop", publishes to `test:up` meanwhile, and tells in JSON what came."""
import asyncio, json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from longpoll import longpoll
from polywire import Client, websocket

WIRES = {"websocket": websocket, "longpoll": longpoll}

async def main(url, wires):
    got, recovered, sessions, stop = [], [], [], asyncio.Event()
    client = Client(url, wires=[WIRES[name] for name in wires.split(",")])

    def down(frame):
        if frame["type"] == "subscribed":
            sessions.append(client.session["session"])
            recovered.append(frame.get("recovered"))
        elif frame["type"] != "message":
            got.append(frame["type"])
        elif frame["payload"] == "stop":
            stop.set()
        else:
            got.append(frame["payload"])

    async with client:
        await client.subscribe("test:down", down)
        published = 0
        while not stop.is_set():  # one after the other, whatever happens to the wire
            await client.ask("publish", channel="test:up", event="UP", payload=published)
            published += 1
            await asyncio.sleep(0.02)
        up = (await client.ask("history", channel="test:up", limit=1000))["messages"]
        echo = (await client.ask("request", address="echo", payload={"ü": [None]}))["payload"]
    print(json.dumps({"got": got, "recovered": recovered, "sessions": sessions, "published": published, "echo": echo,
                      "up": [message["payload"] for message in up], "end": client.why.code}))

asyncio.run(main(*sys.argv[2:]))
