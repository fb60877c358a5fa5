"""The report of `advisor.py`: figures as JSON, a page of Markdown, two plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tl_core import files

FOLDER = Path(__file__).with_name("advice")
WIDTH, HEIGHT, MARGIN = 640, 360, 56
COLOURS = {"advisor": "#d55e00", "other": "#0072b2"}
GOALS = (
    ("mean regret, points", "at most 1.0"),
    ("90th percentile of regret", "at most 5"),
    ("of the best single strategy's regret closed", "at least 30 %"),
    ("cost against always full fine-tuning", "at most 50 %"),
    ("80 % intervals that hold", "70 to 92 %"),
)

Figures = Mapping[str, Any]


def write(results: Figures) -> None:
    """Write everything."""
    files.write_json(FOLDER / "results.json", results)
    files.write_atomically(FOLDER / "cost.svg", cost_plot(results["policies"]).encode())
    files.write_atomically(FOLDER / "report.md", as_text(results).encode())
    print(as_text(results))


def as_text(results: Figures) -> str:
    """Return the page."""
    samples, each = results["samples"], results["policies"]["advisor"]["each"]
    sets = sorted({s["sample"].rpartition("-")[0] for s in samples})
    parts = [
        "# How good the advice is",
        "Written by `python benchmarks/advisor.py`; that file says how regret, cost and intervals "
        "are counted. Every figure is of the data set left out: what is fitted has not seen it.",
        f"{len(samples)} samples of {len(sets)} data sets ({', '.join(sets)}), all at 128 px under "
        "one small base. Runs were bound to two or three minutes of one processor, or to 0.8 in "
        "half precision, so that strategies that change much are cut short where examples are "
        "many.",
        goals(results),
        second_look(results["policies"]),
        "## Policies",
        policy_table(results["policies"]),
        "![Regret against cost](cost.svg)",
        "## With less time",
        "By the curves of the same runs: the regret when everything that trains stops after a "
        "share of its time, and when it stands where full fine-tuning ends, as a share of the time "
        "that full fine-tuning takes (what never gets there counts with all its time).",
        pace_table(results["pace"], len(samples)),
        "## What each piece of evidence is worth",
        "Regret of the same advice with one piece taken away.",
        ablation_table(results["ablation"]),
        "## Intervals",
        "Those of thawing and adapters are of 80 %, those of the probes of 95 %, for "
        "cross-validation on what trains; all are judged on the validation part.",
        interval_table(results["coverage"]),
        "## Rules",
        "How often what a rule asked for was right where it had its way.",
        table(
            ["rule", "right", "of"],
            [[n, f["right"], f["of"]] for n, f in sorted(results["rules"].items())],
        ),
        "## Samples",
        sample_table(samples, each),
    ]
    return "\n\n".join(parts) + "\n"


def goals(results: Figures) -> str:
    """Return what was asked beside what was reached."""
    policies, together = results["policies"], results["coverage"]["thawing and adapters"]
    single = policies["best single strategy of the other sets"]["regret"]
    columns = []
    for advisor in (policies["advisor"], policies["advisor, then all depths"]):
        closed = 1 - advisor["regret"] / single if single > 0 else float("nan")
        reached = (
            f"{advisor['regret']}",
            f"{advisor['90th percentile']}",
            f"{100 * closed:.0f} %",
            f"{100 * advisor['cost against full']:.0f} %",
            f"{100 * together['held']:.0f} % of {together['of']}",
        )
        columns.append(reached)
    rows = [[*goal, *got] for goal, got in zip(GOALS, zip(*columns, strict=True), strict=True)]
    return table(["measure", "goal", "what is advised", "and all depths read too"], rows)


def second_look(policies: Figures) -> str:
    """Return what the last column means, and what it says of the advice."""
    advised, always = (
        policies[f"{name}, then all depths"] for name in ("advisor", "always gradual_unfreezing")
    )
    return (
        "All depths read too: where a run that changed the base reached no more than a last layer "
        "on all depths of the frozen base was measured to give before (the upper end of its "
        f"interval; {advised['second looks']} runs here), that layer is trained as well, in "
        "seconds, and the better one is kept. Watch offers it after such a run. It is the second "
        "look that closes the gap, not the choice: with it, thawing stage by stage everywhere "
        f"loses {always['regret']}."
    )


def policy_table(policies: Figures) -> str:
    """Return one row for each policy."""
    rows = [
        [
            name,
            f["regret"],
            f"{f['over data sets']} ({f['95 % interval'][0]} to {f['95 % interval'][1]})",
            f["90th percentile"],
            "–" if f["on unseen sets"] is None else f["on unseen sets"],
            f"{100 * f['cost against full']:.0f} %",
        ]
        for name, f in policies.items()
    ]
    return table(
        ["policy", "regret", "over sets (95 %)", "90th percentile", "unseen sets", "cost"], rows
    )


def pace_table(pace: Figures, n: int) -> str:
    """Return one row for each policy, one column for each share of the time."""
    shares = next(iter(pace.values()))["regret by share of the time"]
    head = [f"regret at {100 * float(share):.0f} %" for share in shares]
    rows = [
        [
            name,
            *f["regret by share of the time"].values(),
            f"{100 * f['time to match']:.0f} %",
            f"{f['matched']} of {n}",
        ]
        for name, f in pace.items()
    ]
    return table(["policy", *head, "stands where full ends after", "gets there"], rows)


def ablation_table(ablation: Figures) -> str:
    """Return one row for each piece of evidence."""
    rows = [
        [name, f["regret"], f["90th percentile"], f"{100 * f['cost against full']:.0f} %"]
        for name, f in ablation.items()
    ]
    return table(["taken away", "regret", "90th percentile", "cost"], rows)


def interval_table(coverage: Figures) -> str:
    """Return one row for each strategy."""
    last = ("mean error", "mean absolute error")
    rows = [
        [name, f"{100 * f['held']:.0f} %", f["of"], *(f.get(key, "–") for key in last)]
        for name, f in coverage.items()
    ]
    return table(["strategy", "held", "of", *last], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def sample_table(samples: Sequence[Figures], each: Figures) -> str:
    """Return one row for each sample: what was measured, what each strategy reached."""
    names = list(dict.fromkeys(name for s in samples for name in s["accuracy"]))
    rows = []
    for sample in samples:
        picked, lost = each[f"{sample['sample']} s{sample['seed']}"]
        cells = [
            f"**{100 * sample['accuracy'][n]:.1f}**" if n == picked
            else f"{100 * sample['accuracy'][n]:.1f}" if n in sample["accuracy"] else "–"
            for n in names
        ]  # fmt: skip
        head = [f"{sample['sample']} s{sample['seed']}", sample["n"], sample["late shift"]]
        rows.append([*head, *cells, lost])
    return table(["sample", "n", "late shift", *(f"`{n}`" for n in names), "regret"], rows)


def cost_plot(policies: Figures) -> str:
    """Return regret against cost as SVG, each policy named beside its point."""
    points = [(n, f["cost against full"], f["regret"]) for n, f in policies.items()]
    right = max(1.1, *(p[1] for p in points))
    top = max(p[2] for p in points) * 1.1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<path d="M{MARGIN} 16V{HEIGHT - MARGIN}H{WIDTH - 8}" fill="none" stroke="#555"/>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">processor time against '
        "always full fine-tuning</text>",
        '<text x="8" y="12">regret, points</text>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1.0):
        x = MARGIN + share / right * (WIDTH - MARGIN - 150)
        label = f"{100 * share:.0f} %"
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 38}" text-anchor="middle">{label}</text>')
    for number in range(int(top) + 1):
        y = HEIGHT - MARGIN - number / top * (HEIGHT - MARGIN - 24)
        parts.append(f'<text x="{MARGIN - 8}" y="{y + 4:.0f}" text-anchor="end">{number}</text>')
    for name, cost, lost in points:
        x = MARGIN + cost / right * (WIDTH - MARGIN - 150)
        y = HEIGHT - MARGIN - max(lost, 0) / top * (HEIGHT - MARGIN - 24)
        colour = COLOURS["advisor" if name.startswith("advisor") else "other"]
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 7:.0f}" y="{y + 4:.0f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])
