"""The sample catalogue: a seeded drawing of garments and accessories, with texts, a search log, labels and bad rows.

Product ``i`` depends on ``(seed, i)`` only, so any part can be drawn anywhere, again, with identical bytes:

>>> from sample import draw_product
>>> draw_product(seed=0, index=7).attributes["product_type"]
"""

from sample.catalog import complete, draw_shard, write_sample, write_tables
from sample.product import Product, describe_product, draw_product

__all__ = ["Product", "complete", "describe_product", "draw_product", "draw_shard", "write_sample", "write_tables"]
