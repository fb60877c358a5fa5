"""People who watch a run, without browsers: each speaks to the server as Streamlit's page does.

    python benchmarks/watchers.py ADDRESS PAGE QUERY HOW_MANY SECONDS

opens a page so many times, goes on asking whenever the server has asked to be asked again, and has
the page drawn where `pages/ui/pulse.py` tells of news. A browser would take more of the machine
than the server that is measured. Prints as JSON how often all of them asked and were answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from websockets.asyncio.client import connect

PULSE = "thaw_pulse"
"""The component that tells of news (`pages/ui/pulse.py`)."""
EVENTS_OF = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{{}}{EVENT_DELIM}events"
"""The widget that hears what a component has to say, by the id of the component."""
STARTED_APART_SECONDS = 0.05  # nobody opens twenty pages in the same instant


@dataclass
class Watcher:
    """One page that is open."""

    page: str
    query: str
    asked: int = 0
    answered: int = 0
    drawn: int = 0
    waits: list[float] = field(default_factory=list)
    """Seconds from each question to the end of its answer."""
    hashes: set[str] = field(default_factory=set)
    """Of messages that the page keeps, and need not be sent again."""
    hash_of_page: str = ""
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    begun: list[float] = field(default_factory=list)
    said: set[asyncio.Task[None]] = field(default_factory=set)

    async def watch(self, address: str, seconds: float) -> None:
        """Open the page and keep it up to date for so long."""
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        async with connect(url, max_size=None, origin=address) as socket:
            await socket.send(bytes(self._question("").SerializeToString()))
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                try:
                    raw = await asyncio.wait_for(socket.recv(), left)
                except TimeoutError:
                    break
                self._hear(raw, socket)
            for timer in self.timers.values():
                timer.cancel()

    def _hear(self, raw: Any, socket: Any) -> None:
        message = ForwardMsg.FromString(raw)
        if message.hash and message.WhichOneof("type") != "ref_hash":
            self.hashes.add(message.hash)
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "auto_rerun":
                told = message.auto_rerun
                ask = self._ask(socket, told.fragment_id, told.interval)
                self.timers[told.fragment_id] = asyncio.ensure_future(ask)
            case "delta" if (part := message.delta.new_element.bidi_component).component_name:
                if part.component_name == PULSE and (news := json.loads(part.json)["news"]):
                    self._draw(socket, message.delta.fragment_id, part.id, news)
            case "script_finished":
                if self.asked and self.begun:  # not the page itself, which is opened once
                    self.answered += 1
                    self.waits.append(time.monotonic() - self.begun[-1])
                self.begun.clear()

    def _begin(self, message: ForwardMsg) -> None:
        """Note that the page is drawn, or a part of it; a whole page sets its timers anew."""
        self.hash_of_page = message.new_session.page_script_hash
        self.begun.append(time.monotonic())
        if not message.metadata.run.fragment_ids:
            for timer in self.timers.values():
                timer.cancel()
            self.timers.clear()

    def _draw(self, socket: Any, fragment: str, component: str, news: int) -> None:
        """Answer news as the browser's part of the component does."""
        message = self._question(fragment)
        heard = message.rerun_script.widget_states.widgets.add()
        heard.id = EVENTS_OF.format(component)
        heard.json_trigger_value = json.dumps([{"event": "news", "value": news}])
        self.drawn += 1
        told = asyncio.ensure_future(socket.send(bytes(message.SerializeToString())))
        self.said.add(told)
        told.add_done_callback(self.said.discard)

    async def _ask(self, socket: Any, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.asked += 1
            message = self._question(fragment)
            message.rerun_script.is_auto_rerun = True
            await socket.send(bytes(message.SerializeToString()))

    def _question(self, fragment: str) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self.hash_of_page
        if not self.hash_of_page:
            state.page_name = self.page
        state.fragment_id = fragment
        state.cached_message_hashes.extend(self.hashes)
        return message


async def watch(address: str, page: str, query: str, count: int, seconds: float) -> dict[str, Any]:
    """Let so many watch, and return what they have seen of the server."""
    everyone = [Watcher(page, query) for _ in range(count)]
    tasks = []
    for one in everyone:
        tasks.append(asyncio.ensure_future(one.watch(address, seconds)))
        await asyncio.sleep(STARTED_APART_SECONDS)
    await asyncio.gather(*tasks)
    waits = sorted(wait for one in everyone for wait in one.waits)
    return {
        "watchers": count,
        "asked": sum(one.asked for one in everyone),
        "answered": sum(one.answered for one in everyone),
        "drawn": sum(one.drawn for one in everyone),
        "median_wait_seconds": round(waits[len(waits) // 2], 4) if waits else None,
        "longest_wait_seconds": round(waits[-1], 4) if waits else None,
    }


if __name__ == "__main__":
    address, page, query, count, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(watch(address, page, query, int(count), float(seconds)))))
