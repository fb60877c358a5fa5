"""Texts: transformers of the Hugging Face kind as backbones, and token numbers as their inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tl_core import catalog
from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.engine.modality import Backbone, Variation, content_keys
from tl_core.engine.modality.encoder import FILL, Encoder, adapted_layers, is_token
from tl_core.engine.stages import MAX_BLOCK_STAGES, described, fingerprint
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.spec import WORDS, Reading, Stage

MAX_TOKENS = 512  # read of a text where the base does not say how much it was trained on
BAG_WORDS = 2000  # words and pairs of words that the control without a base may know
SAMPLE_TOKENS = 32
VERSION = 1


@dataclass(frozen=True)
class Texts:
    """Some texts of a set as token numbers, cut off where the base stops reading."""

    key: str
    keys: tuple[str, ...]
    tokens: npt.NDArray[np.int32]
    """[all tokens] of one text after the other."""
    ends: npt.NDArray[np.int64]
    """[n] where each text ends in `tokens`."""
    texts: tuple[str, ...]
    tokenizer: Any
    size: int
    """Most tokens read of a text."""
    ways: tuple[str, ...] = ()
    control: str = "bag_of_words"
    varies: bool = False

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def lengths(self) -> tuple[int, ...]:
        """[n] tokens of each text."""
        return tuple(np.diff(self.ends, prepend=0).tolist())

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return token numbers [batch, longest], filled up at the end."""
        parts = [self.tokens[self.ends[row - 1] if row else 0 : self.ends[row]] for row in rows]
        filled = np.full((len(parts), max(map(len, parts))), FILL, dtype=np.int64)
        for place, part in enumerate(parts):
            filled[place, : len(part)] = part
        return torch.from_numpy(filled)

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return the inputs as they are: a changed word can change what a text says."""
        return self.inputs(rows)

    def changed(self, rows: Sequence[int], way: str) -> torch.Tensor:
        """Return the inputs as they are; there are no ways to change a text."""
        return self.inputs(rows)

    def sheet(self, rows: Sequence[int], variations: Sequence[Variation]) -> None:
        """Return nothing: texts are read as they are."""

    def reading(self) -> Reading:
        """Return how many pieces a word becomes, how many are unknown, and what is cut off."""
        pieces = self.tokenizer(list(self.texts), add_special_tokens=False, verbose=False)
        numbers = pieces["input_ids"]
        lengths = np.array([len(part) for part in numbers])
        words = sum(len(text.split()) for text in self.texts)
        strange = self.tokenizer.unk_token_id
        unknown = sum(part.count(strange) for part in numbers) if strange is not None else 0
        room = self.size - self.tokenizer.num_special_tokens_to_add()
        return Reading(
            tokens_per_word=round(int(lengths.sum()) / max(words, 1), 3),
            unknown=round(unknown / max(int(lengths.sum()), 1), 4),
            cut=round(float((lengths > room).mean()), 4),
            longest=int(lengths.max()),
            median=int(np.median(lengths)),
        )

    def raw(self) -> torch.Tensor:
        """Return a bag of words, [n, k] float32: how often the commonest words and pairs occur.

        Counts are weighed by how rare a word is among these texts (tf-idf), labels unseen.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer

        bag = TfidfVectorizer(max_features=BAG_WORDS, ngram_range=(1, 2), sublinear_tf=True)
        try:
            counted = bag.fit_transform(self.texts).toarray()
        except ValueError:  # not one word among them
            counted = np.zeros((len(self.texts), 1))
        return torch.from_numpy(counted.astype(np.float32))


@dataclass(frozen=True)
class Text:
    """The modality of texts."""

    name: str = "text"

    def load_backbone(self, base: Base, *, size: int | None, pretrained: bool) -> Backbone:
        """Load a transformer, check its weights' hash, and cut it between its layers.

        Raises:
            InputError: if the weights are not on this computer and cannot be fetched, or the
                network is of a kind that cannot be used.
            RunFailed: if the weights are not those that the catalog describes.
        """
        network, tokenizer = _loaded(base, pretrained=pretrained)
        try:
            encoder = Encoder(network, last_token=_is_causal(network)).eval()
        except ValueError as error:
            raise InputError([_unusable(base)]) from error
        count = len(encoder.layers)
        joined = -(-count // MAX_BLOCK_STAGES)
        firsts = tuple(range(0, count, joined))
        most = size or base.size or min(MAX_TOKENS, _longest(network, tokenizer))
        sample = torch.full((1, SAMPLE_TOKENS), 1, dtype=torch.int64)
        stage_of = _stages_of(encoder, firsts)
        chain = encoder.chain(firsts)
        with torch.inference_mode():
            width = int(encoder(sample).shape[-1])
        return Backbone(
            base=base,
            body=encoder,
            width=width,
            source_head=None,
            stages=_stages(encoder, stage_of, sample),
            stage_of=stage_of,
            size=most,
            input_config={"tokenizer": tokenizer},
            chain=chain,
            cut=lambda _stage_of: encoder.chain(firsts),  # adapters sit inside the same layers
            adapted=adapted_layers(encoder),
            sample=sample,
            fingerprint=fingerprint(encoder),
            real=is_token,
        )

    def open_examples(self, dataset: Dataset, rows: Sequence[int], backbone: Backbone) -> Texts:
        """Turn texts into token numbers."""
        chosen = [dataset.examples[row] for row in rows]
        tokenizer = backbone.input_config["tokenizer"]
        texts = tuple(example.text for example in chosen)
        numbers = tokenizer(
            list(texts), truncation=True, max_length=backbone.size, add_special_tokens=True
        )["input_ids"]
        # A tokenizer without special tokens makes nothing of a text that it cannot read.
        parts = [np.asarray(part or [0], dtype=np.int32) for part in numbers]
        head = f"text {VERSION} {backbone.base.id} {backbone.size}"
        key, keys = content_keys(head, [example.key for example in chosen])
        return Texts(
            key=key,
            keys=keys,
            tokens=np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32),
            ends=np.cumsum([len(part) for part in parts], dtype=np.int64),
            texts=texts,
            tokenizer=tokenizer,
            size=backbone.size,
        )


TEXT = Text()


def _loaded(base: Base, *, pretrained: bool) -> tuple[Any, Any]:
    """Return network and tokenizer; nothing that comes with the weights is executed."""
    import transformers

    make: Any = transformers  # most of it is without types
    make.logging.set_verbosity_error()
    make.logging.disable_progress_bar()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # jobs start other processes
    folder = _folder(base)
    where = str(folder or base.architecture)
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": folder is not None}
    try:
        tokenizer = make.AutoTokenizer.from_pretrained(where, **options)
        if pretrained:
            network = make.AutoModel.from_pretrained(
                where, use_safetensors=True, dtype=torch.float32, **options
            )
        else:
            network = make.AutoModel.from_config(make.AutoConfig.from_pretrained(where, **options))
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError([_unavailable(base, error)]) from error
    if getattr(network, "pooler", None) is not None:
        network.pooler = None  # its one layer was made for another task
    return network.eval(), tokenizer


def _folder(base: Base) -> Path | None:
    """Return the folder that the base lies in, its weights checked; None if it must be fetched.

    Raises:
        RunFailed: if the weights are not those that the catalog describes.
    """
    if path := catalog.trusted_weights(base):
        return path.parent
    local = Path(base.architecture).expanduser()
    return local if local.is_dir() else None


def _unavailable(base: Base, error: Exception) -> Issue:
    if Path(base.architecture).is_dir():
        return Issue(
            "base",
            _("The model in {folder} cannot be loaded: {reason}").format(
                folder=base.architecture, reason=str(error).splitlines()[0][:200]
            ),
            _("It needs config.json, a tokenizer, and weights in model.safetensors."),
        )
    return catalog.not_fetched(base)


def _unusable(base: Base) -> Issue:
    return Issue(
        "base",
        _("{base} is not a network of layers, one after the other, as Thaw needs it.").format(
            base=base.title
        ),
        _("Choose an encoder such as BERT, RoBERTa, DistilBERT, DeBERTa or ModernBERT, or a "
          "decoder such as Llama, Qwen or Mistral."),
    )  # fmt: skip


def _is_causal(network: Any) -> bool:
    """Tell whether a token sees only those before it: then the last one has seen them all."""
    return any(bool(getattr(module, "is_causal", False)) for module in network.modules())


def _longest(network: Any, tokenizer: Any) -> int:
    """Return the most tokens that the network has places for."""
    places = getattr(network.config, "max_position_embeddings", None) or MAX_TOKENS
    return int(min(places, tokenizer.model_max_length))


def _stages_of(encoder: Encoder, firsts: Sequence[int]) -> dict[str, str]:
    """Return the stage of each parameter: `words`, then the layers, some of them together."""
    stage_of = {}
    prefix = f"network.{encoder.layers_name}."
    for name, _parameter in encoder.named_parameters():
        if name.startswith(prefix):
            layer = int(name.removeprefix(prefix).split(".")[0])
            stage_of[name] = str(sum(first <= layer for first in firsts))
        else:
            is_after = "final" in name or name.startswith("network.norm.")
            stage_of[name] = str(len(firsts)) if is_after else WORDS
    return stage_of


def _stages(encoder: Encoder, stage_of: dict[str, str], sample: torch.Tensor) -> tuple[Stage, ...]:
    found = {stage.name: stage for stage in described(encoder, stage_of, sample)}
    return tuple(found[name] for name in sorted(found, key=lambda n: -1 if n == WORDS else int(n)))
