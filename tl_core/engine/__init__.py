"""Everything that computes with networks: loading, features, strategies, the training loop.

`train_run` is the one entry for training; it is imported when first used, so that listing the
package costs nothing.
"""
