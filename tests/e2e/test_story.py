"""The whole path in a real browser: from Start to a verdict, and what may go wrong on the way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server

PICTURE_EDGE = 96  # small pictures keep an epoch at a second or two
LONG = 240_000  # ms; two cores that others use as well

CHART = """() => {
  const plot = document.querySelector(".thaw-chart .plot")
  if (!plot?._fullLayout) return null
  const curve = plot.data.find((trace) => trace.name?.startsWith("validation"))
  const x = plot._fullLayout.xaxis.range
  return { points: curve?.x?.length ?? 0, x, mark: plot.dataset.mark ?? "" }
}"""


def chart(tab: Page) -> dict[str, Any]:
    """Return what the loss chart shows: its number of points and its range."""
    tab.wait_for_function(f"() => ({CHART})()?.points > 0", timeout=LONG)
    return tab.evaluate(CHART)


def wait_for_points(tab: Page, count: int) -> None:
    tab.wait_for_function(f"() => ({CHART})()?.points >= {count}", timeout=LONG)


def zoom(tab: Page) -> None:
    """Draw a box over a part of the loss chart."""
    box = tab.locator(".thaw-chart .nsewdrag").first.bounding_box()
    assert box
    tab.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.9 * box["height"], steps=8)
    tab.mouse.up()


def heading(tab: Page, words: str) -> None:
    """Wait for the question of a page."""
    expect(tab.get_by_role("heading", level=1)).to_have_text(re.compile(words), timeout=LONG)


def press(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name).click(timeout=LONG)


def train_with(tab: Page, strategy: str, *, epochs: int) -> None:
    """Choose a strategy by hand on Plan, and start it."""
    press(tab, "Choose differently")
    tab.get_by_role("combobox", name="Strategy").click()
    tab.get_by_role("option", name=strategy).click()
    most = tab.get_by_role("spinbutton", name=re.compile("At most this many epochs"))
    most.fill(str(epochs))
    most.press("Enter")
    tab.keyboard.press("Escape")
    press(tab, "Start training")


def imported(server: Server) -> str:
    """Import the sample without the browser and return its id."""
    return server.run_python("from tl_core import data; print(data.load_sample('shapes').id)")


def ended(server: Server) -> int:
    """Return how many runs have finished."""
    told = server.home.glob("runs/*/events.jsonl")
    return sum('"finished"' in events.read_text() for events in told)


def started(server: Server, dataset: str, **options: Any) -> str:
    """Start a run without the browser and return its id."""
    asked = {"kind": "train", "dataset": dataset, "size": PICTURE_EDGE, **options}
    return server.run_python(
        "import json; from tl_core.runs import launch; from tl_core.spec import RunSpec\n"
        f"print(launch.start(RunSpec(**json.loads({json.dumps(asked)!r}))))"
    )


def runs(server: Server, kind: str = "train") -> list[dict[str, Any]]:
    """Return id, status and number of epochs of every run of a kind."""
    return json.loads(
        server.run_python(
            "import json; from tl_core.runs import store\n"
            "print(json.dumps([{'id': r.id, 'status': r.status, 'epochs': len(r.epochs)}"
            f" for r in store.list_runs() if r.spec.kind == {kind!r}]))"
        )
    )


@pytest.mark.timeout(900)
def test_from_start_to_verdict(server: Server, tab: Page, browser: Browser) -> None:
    strangers: list[str] = []
    broken: list[str] = []
    tab.on("request", lambda r: strangers.append(r.url) if is_elsewhere(r.url) else None)
    tab.on("pageerror", lambda error: broken.append(str(error)))

    tab.goto(f"{server.url}/?size={PICTURE_EDGE}")
    press(tab, "Take Shapes on textured ground")
    heading(tab, "Which model already knows")
    press(tab, "Use this base")
    heading(tab, "Is this enough")
    press(tab, "Go on")
    heading(tab, "How far is your task")
    press(tab, "See the plan")
    heading(tab, "How much of it should change")
    train_with(tab, "Start frozen, then thaw", epochs=17)

    heading(tab, "Is it going well")
    wait_for_points(tab, 2)
    assert runs(server)[0]["status"] == "running", "the curves are there while it runs"
    tab.evaluate("document.querySelector('.thaw-chart .plot').dataset.mark = 'the same element'")
    zoom(tab)
    before = chart(tab)
    wait_for_points(tab, before["points"] + 1)
    after = chart(tab)
    assert after["x"] == before["x"], "the zoom is kept when the next epoch arrives"
    assert after["mark"] == "the same element", "the chart is changed, not drawn anew"

    address = tab.url
    tab.reload()
    heading(tab, "Is it going well|How did it go")
    wait_for_points(tab, after["points"])
    assert tab.url == address

    second = Server(server.home).start()
    try:
        other = browser.new_context().new_page()
        other.goto(address.replace(server.url, second.url))
        wait_for_points(other, after["points"])
        expect(other.get_by_role("link", name=re.compile("^5"))).to_be_visible()
        other.context.close()
    finally:
        second.kill()

    heading(tab, "How did it go")
    expect(tab.get_by_text("On held-out examples")).to_be_visible()
    assert runs(server)[0]["status"] == "finished"
    assert not strangers
    assert not broken


def is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.mark.timeout(600)
def test_a_killed_server_loses_nothing(server: Server, tab: Page) -> None:
    run = started(server, imported(server), strategy="full_fine_tune", epochs=40, patience=0)
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 2)
    server.kill()
    (then,) = runs(server)
    assert then["status"] == "running"
    server.start()
    # The open tab finds the new server by itself.
    wait_for_points(tab, then["epochs"] + 1)
    assert run in tab.url
    (now,) = runs(server)
    assert now["id"] == run
    assert now["epochs"] > then["epochs"]
    press(tab, "Stop and keep the best")
    expect(tab.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    assert runs(server)[0]["status"] == "stopped"


def test_two_fast_clicks_start_one_run(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/plan?data={imported(server)}&size={PICTURE_EDGE}")
    tab.get_by_role("button", name="Start training").dblclick()
    heading(tab, "Is it going well")
    assert len(runs(server)) == 1


def test_a_page_deep_in_the_app_opens_on_a_fresh_server(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/data?data={imported(server)}")
    heading(tab, "Is this enough")
    links = tab.get_by_test_id("stSidebar").get_by_role("link")
    expect(links.filter(has_text="240 pictures, 4 classes")).to_be_visible()
    assert "data=shapes" in tab.url


def test_the_words_stand_in_where_the_script_is_missing(server: Server, tab: Page) -> None:
    run = started(server, imported(server), strategy="linear_probe", epochs=5)
    tab.route("**/plotly.min.js*", lambda route: route.abort())
    tab.goto(f"{server.url}/watch?run={run}")
    said = tab.locator(".thaw-chart .said").first
    expect(said).to_be_visible(timeout=LONG)
    assert len(said.inner_text()) > 10


def test_the_chart_has_words_for_those_who_do_not_see_it(server: Server, tab: Page) -> None:
    run = started(server, imported(server), strategy="linear_probe", epochs=5)
    while not ended(server):
        tab.wait_for_timeout(200)
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 3)
    expect(tab.get_by_role("figure", name=re.compile("loss", re.IGNORECASE)).first).to_be_visible()
    expect(tab.get_by_test_id("stDataFrame")).to_have_count(0)
    tab.get_by_text("Details and numbers").click()
    expect(tab.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_chart_out_of_sight_raises_no_error(server: Server, tab: Page) -> None:
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    run = started(server, imported(server), strategy="linear_probe", epochs=5)
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 3)
    plot = tab.locator(".thaw-chart .plot").first
    width = plot.evaluate("plot => plot.clientWidth")
    plot.evaluate("plot => { plot.style.display = 'none' }")
    tab.wait_for_timeout(500)
    plot.evaluate("plot => { plot.style.display = '' }")
    tab.set_viewport_size({"width": 800, "height": 900})
    svg = "document.querySelector('.thaw-chart .main-svg')?.clientWidth"
    tab.wait_for_function(f"() => {svg} > 0 && {svg} < {width}")
    assert not broken


def test_a_poll_without_news_sends_next_to_nothing(server: Server, tab: Page) -> None:
    run = started(server, imported(server), strategy="full_fine_tune", epochs=40, patience=0)
    received: list[int] = []
    tab.on(
        "websocket", lambda socket: socket.on("framereceived", lambda f: received.append(len(f)))
    )
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 2)
    press(tab, "Pause")
    expect(tab.get_by_role("button", name="Go on")).to_be_visible(timeout=LONG)
    tab.wait_for_timeout(3000)
    received.clear()
    tab.wait_for_timeout(4000)
    assert received, "it goes on looking"
    assert max(received) < 2000


@pytest.mark.timeout(600)
def test_leaving_a_page_that_looks_by_itself_always_arrives(server: Server, tab: Page) -> None:
    dataset = imported(server)
    for edge in range(40, 44):
        tab.goto(f"{server.url}/base?data={dataset}&size={edge}")
        tab.get_by_text("Trying EfficientNet-Lite0").or_(
            tab.get_by_role("progressbar")
        ).first.wait_for()
        tab.wait_for_timeout(250 * (edge - 40))
        press(tab, "Use this base")
        heading(tab, "Is this enough")
        expect(tab.get_by_role("button", name="Go on")).to_be_visible(timeout=LONG)


@pytest.mark.timeout(600)
def test_a_press_just_as_the_measuring_ends_is_heard(server: Server, tab: Page) -> None:
    dataset = imported(server)
    for edge in range(40, 43):
        before = ended(server)
        tab.goto(f"{server.url}/base?data={dataset}&size={edge}")
        button = tab.get_by_role("button", name="Use this base")
        button.wait_for(timeout=LONG)
        # The page looks once a second; the press is to arrive before its next look.
        while ended(server) == before:
            tab.wait_for_timeout(10)
        button.click()
        expect(tab.get_by_role("heading", level=1)).to_have_text(
            re.compile("Is this enough"), timeout=LONG
        )
        assert f"data={dataset}" in tab.url
        assert "/base" not in tab.url


def test_the_curves_stay_as_they_were_set_when_the_run_ends(server: Server, tab: Page) -> None:
    run = started(server, imported(server), strategy="full_fine_tune", epochs=5, patience=0)
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 3)
    tab.evaluate("window.plots = [...document.querySelectorAll('.thaw-chart .plot')].slice(0, 2)")
    heading(tab, "How did it go")
    wait_for_points(tab, 6)
    assert tab.evaluate("window.plots.length") == 2
    assert tab.evaluate("window.plots.every((plot) => plot.isConnected)")
