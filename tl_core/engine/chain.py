"""A network as a chain of segments, one per stage, each an ordinary module.

Cutting a network lets the frozen part be computed once (`caches`), and every stage be looked at
from a single pass. The network is traced with torch.fx; where that is not possible, or where
more than one value crosses a border, neighbouring stages stay together in one segment.

On the way each convolution is joined with the BatchNorm that follows it. While the statistics
are fixed, normalising is a factor and a shift per channel, which go into the convolution:
y = conv(x, w · s) + (b - m · s), with s = g / sqrt(v + eps). That is the same function of the same
parameters, gradients included, without more passes over memory for each layer.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from timm.layers.padding import pad_same
from timm.models import get_notrace_functions, get_notrace_modules
from torch import fx, nn
from torch.nn.functional import conv2d

from tl_core.engine.adapters import weight_of

log = logging.getLogger(__name__)

TOLERANCE = 1e-3  # of the largest output; folding reorders sums, which costs a few 1e-6


@dataclass(frozen=True)
class Chain:
    """Segments to be applied one after the other; they share the parameters of the network."""

    segments: tuple[nn.Module, ...]
    first_stage: tuple[int, ...]
    """Number of the stage with which each segment begins; the first is 0."""

    def start_of(self, stage: int) -> int:
        """Return the last segment that begins no later than `stage`."""
        return max(n for n, first in enumerate(self.first_stage) if first <= stage)


class NormedConv(nn.Module):
    """A convolution and the BatchNorm after it, as one convolution while statistics are fixed."""

    def __init__(self, conv: nn.Module, norm: Any) -> None:
        super().__init__()
        self.conv, self.norm = conv, norm

    @staticmethod
    def fits(conv: nn.Module, norm: nn.Module) -> bool:
        """Tell whether the two are layers that can be joined; the first may have an adapter."""
        conv = getattr(conv, "base_layer", conv)
        return (
            type(conv) in (nn.Conv2d, Conv2dSame)
            and conv.padding_mode == "zeros"
            and type(norm) in (nn.BatchNorm2d, BatchNormAct2d)
            and bool(norm.affine and norm.track_running_stats)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what norm(conv(inputs)) would, activation included where the norm has one."""
        norm = self.norm
        if norm.training or norm._forward_pre_hooks:  # whoever watches it sees what enters it
            plain: torch.Tensor = norm(self.conv(inputs))
            return plain
        conv: Any = getattr(self.conv, "base_layer", self.conv)
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * scale
        if conv.bias is not None:
            shift = shift + conv.bias * scale
        padding = conv.padding
        if isinstance(conv, Conv2dSame):
            inputs = pad_same(
                inputs, list(conv.kernel_size), list(conv.stride), list(conv.dilation)
            )
            padding = 0
        weight = weight_of(self.conv) * scale[:, None, None, None]
        shape = (conv.stride, padding, conv.dilation, conv.groups)
        outputs = _convolved(inputs, weight, shift, shape)
        return norm.act(norm.drop(outputs)) if isinstance(norm, BatchNormAct2d) else outputs


def _convolved(
    inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, shape: tuple[Any, ...]
) -> torch.Tensor:
    """Convolve; `shape` is (stride, padding, dilation, groups).

    On processors the bf16 gradients of convolutions in groups take five times as long as those in
    float32, so that they alone are computed in the latter: a step is 1.7 times as fast
    (`benchmarks/throughput.json`).
    """
    if shape[-1] == 1 or inputs.device.type != "cpu" or not torch.is_grad_enabled():
        return conv2d(inputs, weight, bias, *shape)
    with torch.autocast("cpu", enabled=False):
        return conv2d(inputs.float(), weight.float(), bias.float(), *shape).to(inputs.dtype)


def cut(
    body: nn.Module, stage_of: dict[str, str], stages: Sequence[str], sample: torch.Tensor
) -> Chain:
    """Cut `body` at the borders of its stages.

    Args:
        body: a network in eval mode.
        stage_of: parameter name -> stage name.
        stages: stage names, early to late.
        sample: an input, by which the chain is checked against the network.

    Returns:
        As many segments as there are clean borders, at least one: `body` itself.
    """
    whole = Chain((body,), (0,))
    was_training = body.training
    body.eval()
    try:
        chain = _cut(body, stage_of, stages)
        with torch.no_grad():
            told, expected = sample, body(sample)
            for segment in chain.segments:
                told = segment(told)
        if not _same(told, expected):
            log.warning("the cut network computes something else; it is used whole")
            return whole
    except Exception:  # tracing runs foreign code, which may fail in any way
        log.info("the network cannot be cut; it is used whole", exc_info=True)
        return whole
    finally:
        body.train(was_training)
    return chain


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool((one - other).abs().max() <= TOLERANCE * other.abs().max())


def _cut(body: nn.Module, stage_of: dict[str, str], stages: Sequence[str]) -> Chain:
    traced = fx.GraphModule(body, _traced(body))
    _join_norms(traced)
    part_of = _parts(traced, body, stage_of, stages)
    segments, firsts = [], []
    entry = next(node for node in traced.graph.nodes if node.op == "placeholder")
    for first, last in _clean_spans(part_of, len(stages)):
        nodes = [node for node in part_of if first <= part_of[node] <= last]
        graph, entry = _subgraph(nodes, entry, part_of, last)
        segments.append(fx.GraphModule(traced, graph).eval())
        firsts.append(first)
    return Chain(tuple(segments), tuple(firsts))


def borders(
    body: nn.Module, stage_of: dict[str, str], stages: Sequence[str]
) -> tuple[str, ...]:  # fmt: skip
    """Return the name of the step that leaves each segment but the last.

    Args:
        body: a network that can be cut, in eval mode.
        stage_of: parameter name -> stage name.
        stages: stage names, early to late.
    """
    traced = fx.GraphModule(body, _traced(body))
    _join_norms(traced)
    part_of = _parts(traced, body, stage_of, stages)
    found = []
    for _first, last in _clean_spans(part_of, len(stages))[:-1]:
        nodes = [node for node in part_of if part_of[node] <= last]
        found.append(_leaving(nodes, part_of, last).name)
    return tuple(found)


def _leaving(nodes: Sequence[fx.Node], part_of: dict[fx.Node, int], last: int) -> fx.Node:
    """Return the first of the steps whose value is used beyond stage `last`."""
    return next(
        node for node in nodes if any(part_of.get(user, last + 1) > last for user in node.users)
    )


def _traced(body: nn.Module) -> fx.Graph:
    """Trace the network as it is called here: with its inputs, everything else as by default."""
    options = list(inspect.signature(body.forward).parameters.values())[1:]
    fixed = {p.name: p.default for p in options if p.default is not p.empty}
    untraced = tuple(get_notrace_functions())  # type: ignore[no-untyped-call]
    tracer = _Tracer(autowrap_functions=untraced)
    graph = tracer.trace(body, concrete_args=fixed)
    for node in [n for n in graph.nodes if n.op == "placeholder"][1:]:
        _erase(graph, node)
    return graph


def _erase(graph: fx.Graph, node: fx.Node) -> None:
    """Take a step out and all that follow from it: checks that an option has its default."""
    for user in list(node.users):
        _erase(graph, user)
    graph.erase_node(node)


class _Tracer(fx.Tracer):
    """Traces down to layers, and into no module that cannot be traced or that must stay whole."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Tell whether the module is one step of the graph."""
        untraced = get_notrace_modules()  # type: ignore[no-untyped-call]
        if isinstance(m, (nn.BatchNorm2d, *untraced)):
            return True
        if type(m).__module__.startswith("peft."):
            return True
        return super().is_leaf_module(m, module_qualified_name)


def _join_norms(traced: fx.GraphModule) -> None:
    """Put one NormedConv in the place of each convolution that only a BatchNorm reads."""
    for node in list(traced.graph.nodes):
        source = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(source, fx.Node) or source.op != "call_module" or len(source.users) > 1:
            continue
        conv, norm = (traced.get_submodule(str(n.target)) for n in (source, node))
        if not NormedConv.fits(conv, norm):
            continue
        name = f"normed_{str(source.target).replace('.', '_')}"
        traced.add_submodule(name, NormedConv(conv, norm))
        node.target = name
        node.args = source.args
        traced.graph.erase_node(source)
    traced.recompile()


def _parts(
    traced: fx.GraphModule, body: nn.Module, stage_of: dict[str, str], stages: Sequence[str]
) -> dict[fx.Node, int]:
    """Return the number of the stage of each step, never falling along the way."""
    number_of = {
        id(parameter): stages.index(stage_of[name])
        for name, parameter in body.named_parameters()
        if name in stage_of
    }
    part_of: dict[fx.Node, int] = {}
    reached = 0
    for node in traced.graph.nodes:
        if node.op in ("placeholder", "output"):
            continue
        owned: Iterable[nn.Parameter] = ()
        if node.op == "call_module":
            owned = traced.get_submodule(str(node.target)).parameters()
        elif node.op == "get_attr":
            owner, _, name = str(node.target).rpartition(".")
            owned = (getattr(traced.get_submodule(owner), name),)
        reached = max([reached, *(number_of.get(id(p), 0) for p in owned)])
        part_of[node] = reached
    return part_of


def _clean_spans(part_of: dict[fx.Node, int], count: int) -> list[tuple[int, int]]:
    """Return (first, last) stage of each segment: cut wherever just one value crosses."""
    firsts = [0]
    for first in range(1, count):
        crossing = {
            node
            for node, part in part_of.items()
            if part < first and any(part_of.get(user, count) >= first for user in node.users)
        }
        if len(crossing) == 1 and any(part >= first for part in part_of.values()):
            firsts.append(first)
    return list(zip(firsts, [*(first - 1 for first in firsts[1:]), count - 1], strict=True))


def _subgraph(
    nodes: Sequence[fx.Node], entry: fx.Node, part_of: dict[fx.Node, int], last: int
) -> tuple[fx.Graph, fx.Node]:
    """Return the steps of one segment as a graph, and the step whose value leaves it."""
    graph = fx.Graph()
    known = {entry: graph.placeholder("inputs")}
    for node in nodes:
        known[node] = graph.node_copy(node, lambda n: known[n])
    leaving = _leaving(nodes, part_of, last)
    graph.output(known[leaving])
    return graph, leaving
