"""The script that repeats a run: what was decided as plain steps, and only the parts it needs."""

from __future__ import annotations

import ast
from dataclasses import replace

from tl_core.recipe import Pictures, Recipe, Ridge, Step, Weights
from tl_core.report.repeat import packages, repeat_script

HEAD = Step("head", 2, 2, head_steps=(1, 49))
RECIPE = Recipe(
    run="20260101-120000-ants-0a1b",
    dataset="ants",
    strategy="linear_probe",
    classes=('"); print(1) #', "bees"),
    weights=Weights("tf_efficientnet_lite0", "a_package", "models/a.pth", "ab" * 32),
    size=64,
    width=1280,
    seed=3,
    is_bf16=False,
    is_joined=True,
    stages={"stem": ("conv_stem", "bn1"), "1": ("blocks.0",)},
    steps=(HEAD,),
    epoch=2,
    loss=0.25,
    accuracy=0.9,
    n=40,
    versions={"torch": "2.0", "timm": "1.0"},
    penalty=1.0,
    pictures=Pictures(73, (0.5,) * 3, (0.5,) * 3, (0.6, 0.3), 1.25, 0.25, ("mirror",)),
)
RUNG = Step("thaw:1", 3, 5, thawed=("1",), head_lr=1e-4, body_lr=5e-4, decay=1.33, border="bn1")


def functions(script: str) -> set[str]:
    tree = ast.parse(script)
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_names_from_data_are_literals_only() -> None:
    tree = ast.parse(repeat_script(RECIPE))
    values = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CLASSES"
    ]
    assert values == [list(RECIPE.classes)]
    assert not any(
        isinstance(node, ast.Expr) and "print" in ast.unparse(node) for node in tree.body[1:]
    )


def test_a_probe_needs_nothing_that_moves_the_body() -> None:
    script = repeat_script(RECIPE)
    assert "fit_head(run, features, steps=[1, 49], penalty=1.0)" in script
    assert {"train", "thaw", "varied", "mix", "FromCache"}.isdisjoint(functions(script))
    assert "exactly" in (ast.get_docstring(ast.parse(script)) or "")
    assert "peft" not in " ".join(packages(RECIPE))


def test_a_ladder_is_written_out_rung_by_rung() -> None:
    kept = replace(RUNG, share=0.75)
    undone = replace(RUNG, name="thaw:stem", thawed=("stem", "1"), border=None, is_undone=True)
    script = repeat_script(
        replace(RECIPE, strategy="gradual_unfreezing", steps=(HEAD, kept, undone))
    )
    assert "thaw(run, ['1'], head_lr=0.0001, body_lr=0.0005, decay=1.33)" in script
    assert "source = FromCache(run, 'bn1')" in script
    assert "train(run, groups, source, epochs=3, planned=5)" in script
    assert "mix(run, source, entry, share=0.75)" in script
    assert script.index("rolled back") < script.index("run.best = entry")
    assert {"train", "thaw", "varied", "mix", "FromCache"} <= functions(script)
    assert "within one validation example" in script


def test_the_others_bring_their_own_parts() -> None:
    adapter = Step("adapter", 2, 2, head_lr=1e-4, body_lr=5e-3)
    lora = replace(RECIPE, strategy="lora", steps=(HEAD, adapter), adapted=("blocks.0.conv_pw",))
    assert "add_adapters(run, 0.0001, 0.005)" in repeat_script(lora)
    assert "peft" in " ".join(packages(lora))
    wide = replace(RECIPE, strategy="multi_stage_probe", taps=("bn1",), ridge=Ridge(10.0, 4.0))
    assert "begin_with_ridge(run, features, 10.0, 4.0)" in repeat_script(wide)
    full = replace(RUNG, name="full", thawed=("stem", "1"), border=None)
    moved = replace(RECIPE, strategy="full_fine_tune", steps=(HEAD, full))
    pulled = replace(moved, l2_sp=0.01, is_held=True)
    assert "pulls=[l2_sp(run, is_held=True)]" in repeat_script(pulled)
    near = repeat_script(replace(moved, ldifs=10.0, borders=("bn1",)))
    assert "pulls=[ldifs(learner, 10.0)]" in near
    assert "BORDERS = ['bn1']" in near
    assert {"pooled", "every_stage", "Watched"} <= functions(near)
    scratch = replace(full, name="scratch")
    control = repeat_script(replace(RECIPE, strategy="from_scratch", steps=(scratch,)))
    assert "learner.body.train()" in control
    assert "fit_head" not in control
    texts = replace(RECIPE, pictures=None, layers="network.encoder.layer")
    assert "timm" not in repeat_script(texts)
    beside = replace(RECIPE, weights=Weights("tf_efficientnet_lite0", is_beside=True))
    assert "base.safetensors" in repeat_script(beside)


def test_what_people_have_done_stands_in_it() -> None:
    went_on = replace(RUNG, epochs=1, cut=2)
    back = replace(RUNG, name="thaw:stem", thawed=("stem", "1"), cut=1, is_taken_back=True)
    at_once = replace(back, epochs=0)
    ladder = replace(RECIPE, strategy="gradual_unfreezing", steps=(HEAD, went_on, back, at_once))
    pulled = replace(ladder, l2_sp=0.01, held=((2, 1), (3, 0)))
    steered = replace(pulled, stronger=(4,), slower=((2, 0),))
    script = repeat_script(steered)
    told = "epochs=1, planned=5, pulls=[l2_sp(run, is_held=False)], cut=2)"
    assert f"train(run, groups, source, {told}" in script
    assert script.count("cut=") == 2, "what was taken back keeps no momentum: its rest is left out"
    assert script.index("taken back by somebody") < script.index("= entry, None")
    assert script.count("run.optimizer = None") == 1
    for line in ("HELD = [(2, 1), (3, 0)]", "STRONGER = [4]", "SLOWER = [(2, 0)]", "L2_SP = 0.01"):
        assert line in script.splitlines()
    assert {"l2_sp", "weights_of", "stronger", "slowed"} <= functions(script)
