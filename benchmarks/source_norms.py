"""What the normalising layers of the text bases see of English prose: means and variances.

    python benchmarks/source_norms.py

LayerNorm layers carry no statistics of what a base was trained on, as BatchNorm layers do. This
takes them from the descriptions of two thirds of the pinned packages (`prose.py`); what the last
third gives stands in `expected_shift.json`. Only the numbers are kept, in
`tl_core/evidence/source_norms.npz`. Run it before `expected_shift.py` and `landmarks.py`.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch
from measuring import text_dataset
from prose import packages, prose
from torch import nn

from tl_core import catalog, files
from tl_core.engine.modality.text import TEXT
from tl_core.evidence import shift, source

BATCH = 32


def main() -> None:
    """Measure every text base of the catalog, in fp32."""
    texts = prose(held_out=False)
    print(f"{len(texts)} sentences of {len(packages(held_out=False))} packages")
    found: dict[str, Any] = {}
    for base in catalog.rank("text"):
        backbone = TEXT.load_backbone(base, size=None, pretrained=True)
        examples = TEXT.open_examples(text_dataset(texts), range(len(texts)), backbone)
        blank = {
            name: (torch.zeros(module.normalized_shape), torch.ones(module.normalized_shape))
            for name, module in backbone.body.named_modules()
            if isinstance(module, nn.LayerNorm)
        }
        with shift.watching(backbone, blank) as moments, torch.inference_mode():
            for start in range(0, len(texts), BATCH):
                backbone.body(examples.inputs(range(start, min(start + BATCH, len(texts)))))
        found[f"{base.id}|fingerprint"] = np.array(backbone.fingerprint)
        for name, layer in moments.items():
            both = [numbers.numpy() for numbers in layer.mean_and_variance()]
            found[f"{base.id}|{name}"] = np.stack(both).astype(np.float32)
        print(f"{base.id}: {len(moments)} layers")
    packed = io.BytesIO()
    np.savez_compressed(packed, **found)
    files.write_atomically(source.FILE, packed.getvalue())


if __name__ == "__main__":
    main()
