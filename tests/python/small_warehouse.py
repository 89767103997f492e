"""A warehouse without Spark: a few rows a table, with a catalogue that means harm."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

HOSTILE = (
    "\"'><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"></title></svg>"
    "<!--<script> {{ 7*7 }} $x_1$ \u202egnihtemos \x07"
)
HOSTILE_LINK = "javascript:document.title='owned'"
OUTSIDE_PICTURE = "../outside.jpg"
BUILT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

ATTRIBUTE = pa.struct([("attribute_id", pa.string()), ("facet", pa.string()), ("value", pa.string())])
LISTED = pa.struct(
    [
        ("rank", pa.int32()), ("product_id", pa.string()), ("title", pa.string()), ("url", pa.string()),
        ("image_uri", pa.string()), ("price", pa.float64()), ("currency", pa.string()), ("in_stock", pa.bool_()),
    ]
)  # fmt: skip
LINK = pa.struct([("slug", pa.string()), ("title", pa.string())])


def write_table(warehouse: Path, name: str, rows: Sequence[Mapping[str, Any]], **types: pa.DataType) -> None:
    """The rows as Spark leaves a table: a folder of Parquet; `types` names those that rows alone do not tell."""
    table = pa.Table.from_pylist([dict(row) for row in rows])
    for column, type_ in types.items():
        place = table.schema.get_field_index(column)
        if place < 0:
            table = table.append_column(column, pa.nulls(table.num_rows, type_))
        else:
            table = table.set_column(place, column, pa.array(table[column].to_pylist(), type_))
    folder = warehouse / "pinlanding.db" / name
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-00000.snappy.parquet")
    (folder / "_SUCCESS").touch()


def attributes(**facets: str) -> list[dict[str, str]]:
    return [
        {"attribute_id": f"{facet}:{value}", "facet": facet, "value": value} for facet, value in sorted(facets.items())
    ]


def collection(slug: str, facets: list[dict[str, str]], **other: Any) -> dict[str, Any]:
    """A collection and its landing page in one."""
    title = other.get("title", slug.replace("-", " ").title())
    return {
        "slug": slug, "collection_id": f"id-{slug}", "status": "published", "title": title, "heading": title,
        "meta_title": f"{title} | meta", "meta_description": f"All {slug}, in short.",
        "description": f"Browse {slug}.", "products": 12, "all_items": other.get("products", 12),
        "indexable": True, "index_reason": "indexable",
        "canonical_slug": slug, "breadcrumbs": [], "related": [], "attributes": facets,
        "json_ld": f'{{"@type":"CollectionPage","name":"{slug}"}}',
    } | other  # fmt: skip


def page_links(*slugs: str) -> list[dict[str, str]]:
    return [{"slug": slug, "title": slug.replace("-", " ").title()} for slug in slugs]


COLLECTIONS = [
    collection("dresses", attributes(product_type="dress"), products=40),
    collection("red-dresses", attributes(product_type="dress", color="red"), products=30,
               breadcrumbs=page_links("dresses"),
               related=page_links("blue-dresses", "red-silk-dresses", "gone", "draft-hats", "hidden-hats")),
    collection("blue-dresses", attributes(product_type="dress", color="blue"), products=20,
               breadcrumbs=page_links("dresses"), related=page_links("red-dresses")),
    collection("red-silk-dresses", attributes(product_type="dress", color="red", material="silk"), products=29,
               breadcrumbs=page_links("dresses", "red-dresses"),
               indexable=False, index_reason="nearly all of a broader page", canonical_slug="red-dresses"),
    collection("sun-hats", attributes(product_type="hat"), indexable=False, canonical_slug="the-shops-hats",
               index_reason="the shop has a page with these words"),
    collection("hostile", attributes(product_type=HOSTILE, color="red"), title=HOSTILE, description=HOSTILE,
               meta_description=HOSTILE, related=[{"slug": "../escape", "title": HOSTILE}],
               json_ld='{"name":"A hat<\\/script><!--<script>","url":"/hostile"}'),
    collection("../escape", attributes(product_type="hat"), title="Escape"),
    collection("gone", attributes(product_type="hat"), status="retired"),
    collection("draft-hats", attributes(product_type="hat"), status="draft", indexable=False, index_reason="draft"),
    collection("hidden-hats", attributes(product_type="hat"), status="hidden", indexable=False, index_reason="hidden"),
]  # fmt: skip


def write_pages(warehouse: Path, pictures: Path, collections: Sequence[Mapping[str, Any]] = COLLECTIONS) -> None:
    """What `make site` reads; the products' pictures lie under `pictures`."""
    pictures.mkdir(parents=True, exist_ok=True)
    for number in range(4):
        Image.new("RGB", (60, 60), (60 * number, 120, 90)).save(pictures / f"{number}.png")
    Image.new("RGB", (60, 60)).save(pictures.parent / "outside.jpg")
    uris = ["0.png", "1.png", "2.png", OUTSIDE_PICTURE, None, "https://elsewhere.example/x.png"]
    listed = [
        {
            "rank": number + 1, "product_id": f"p{number}", "title": HOSTILE if number == 1 else f"Dress {number}",
            "url": HOSTILE_LINK if number == 1 else f"https://shop.example/p{number}", "image_uri": uri,
            "price": 9.5 if number else None, "currency": HOSTILE if number == 1 else "EUR", "in_stock": number != 2,
        }
        for number, uri in enumerate(uris)
    ]  # fmt: skip
    products = [
        {
            "product_id": item["product_id"],
            "image_sha256": f"{item['rank']:032x}" + 32 * "0" if item["image_uri"] else None,
            "title": item["title"],
            "image_uri": item["image_uri"],
            "description": HOSTILE,
        }
        for item in listed
    ]
    write_table(warehouse, "products", products)
    write_table(
        warehouse,
        "collections",
        [{"quality_score": 4.5, "quality_source": "heuristic"} | dict(one) for one in collections],
        attributes=pa.list_(ATTRIBUTE),
    )
    write_table(
        warehouse,
        "landing_pages",
        [
            {name: value for name, value in one.items() if name != "attributes"}
            | {"listed_products": listed, "last_modified": BUILT}
            for one in collections
        ],
        listed_products=pa.list_(LISTED),
        breadcrumbs=pa.list_(LINK),
        related=pa.list_(LINK),
    )


def write_audited(warehouse: Path) -> None:
    """What `make audit` reads beside the pages: the search log makes pages with the same titles and products."""
    listed = [
        {"collection_id": one["collection_id"], "product_id": f"p{number}", "rank": number + 1}
        for one in COLLECTIONS
        for number in range(12)
    ]
    for prefix in ("", "search_log_"):
        write_table(warehouse, f"{prefix}collection_products", listed)
    write_table(
        warehouse,
        "search_log_collections",
        [{name: one[name] for name in ("collection_id", "title")} for one in COLLECTIONS],
    )


def write_marts(warehouse: Path) -> None:
    """What `make dashboard` reads."""
    approaches = ("content_first", "search_log")
    write_table(warehouse, "topic_coverage", [
        {"approach": approach, "product_type": product_type, "topics": 40 - 30 * place, "products_reached": 90,
         "products": 100, "product_share": 0.9 - place / 10, "searches": 50, "demand_share": 0.4 - place / 10,
         "topics_other_lacks": 30 - 25 * place, "satisfiable_searches": 40,
         "satisfiable_demand_share": 0.5 - place / 10}
        for place, approach in enumerate(approaches) for product_type in ("all", "dress", HOSTILE)
    ])  # fmt: skip
    precision = {"judge": "labels", "k": 10, "precision": 0.97, "low": 0.95, "high": 0.985, "judged": 40}
    write_table(warehouse, "collection_precision", [{"approach": approach} | precision for approach in approaches])
    write_table(warehouse, "collection_precision_by_facet", [
        {"approach": approach, "facet": facet} | precision | {"judge": judge}
        for approach in approaches for facet in ("color", HOSTILE) for judge in ("labels", "people")
    ])  # fmt: skip
    write_table(warehouse, "threshold_sweep", [
        {"relevance_threshold": threshold, "min_collection_size": size, "topics": size, "products_reached": 10 * size,
         "precision": threshold, "recall": 1 - threshold, "operating_point": (threshold, size) == (0.9, 10),
         "suggested": (threshold, size) == (0.5, 10)}
        for threshold in (0.5, 0.9) for size in (5, 10)
    ])  # fmt: skip
    write_table(warehouse, "attributes", [
        {"attribute_id": f"color:{value}", "facet": "color", "value": value, "products": 9, "synonyms": [HOSTILE]}
        for value in ("red", HOSTILE)
    ])  # fmt: skip
    write_table(warehouse, "vocabulary_decisions", [
        {"facet": "color", "value": f"{state} {HOSTILE}", "products": 3, "state": state, "reason": HOSTILE}
        for state in ("kept", "merged", "too rare")
    ])  # fmt: skip
    write_table(warehouse, "extraction_audit", [
        {"extraction_rate": rate, "facet": "all", "precision": 0.9, "catalogue_recall": rate / 2,
         "encoder_recall": None}
        for rate in (0.5, 1.0)
    ], encoder_recall=pa.float64())  # fmt: skip
    write_table(warehouse, "curation_sensitivity", [
        {"merging": merging, "min_similarity": similarity, "min_attribute_products": fewest, "max_attribute_share": 0.8,
         "vocabulary_size": 90 - fewest, "precision": 0.9, "operating_point": (merging, fewest) == ("rules", 5)}
        for merging, similarity in (("rules", None), ("nearness too", 0.8)) for fewest in (1, 5)
    ])  # fmt: skip
    write_table(warehouse, "attribute_thresholds", [{"attribute_id": "color:red", "usable": True}])
    write_table(warehouse, "product_attributes", [
        {"product_id": "p1", "facet": "color", "source": source} for source in ("encoder", "catalog")
    ])  # fmt: skip
    recall = {"split": "test", "recall": 0.9, "pairs": 70, "products": 10}
    write_table(warehouse, "attribute_recall", [
        recall | {"modality": modality, "k": k} for modality in ("image", "text") for k in (1, 10)
    ])  # fmt: skip
    write_table(warehouse, "attribute_recall_by_group", [
        recall | {"modality": "image", "k": 10, "dimension": dimension, "slice": slice_}
        for dimension, slice_ in (("facet", "color"), ("facet", HOSTILE), ("frequency", "10 to 49"))
    ])  # fmt: skip
    write_table(warehouse, "assignment_quality", [
        {"split": "test", "source": source, "dimension": dimension, "slice": slice_, "precision": 0.9, "recall": 0.8,
         "f1": 0.85, "judged_pairs": 7}
        for source in ("all", "encoder") for dimension, slice_ in (("all", "all"), ("facet", "color"))
    ])  # fmt: skip
    write_table(warehouse, "encoder_runs", [
        {"name": HOSTILE, "kind": "training", "in_use": True, "created_at": BUILT, "trained_on": "pairs",
         "train_products": 9, "seconds": 7.5},
    ])  # fmt: skip
    write_table(warehouse, "encoder_metrics", [
        {"name": HOSTILE, "split": "validation", "modality": "image", "facet": "all", "k": 10, "metric": "recall",
         "value": 0.9},
    ])  # fmt: skip
    write_table(warehouse, "coverage_by_log_size", [
        {"log_share": share, "content_first_topics": 40, "search_log_topics": int(10 * share)} for share in (0.5, 1.0)
    ])  # fmt: skip
    write_table(warehouse, "title_audit", [
        {"criterion": criterion, "share": 0.9, "low": 0.8, "high": 0.95, "judged": 40} for criterion in ("valid", "all")
    ])  # fmt: skip
    write_table(warehouse, "metric_history", [
        {"run": run, "built_at": BUILT, "code_version": "abc", "settings": HOSTILE, "metric": metric, "entity": entity,
         "slice": slice_, "value": 0.5 + run / 10}
        for run in (1, 2)
        for metric, entity, slice_ in (
            ("topics", "content_first", "all"), ("topics", "search_log", "all"),
            ("product_share", "content_first", "all"),
            ("precision_at_10", "content_first", "by labels"), ("recall_at_10", "image", "test"),
            ("attributes", "all", "all"), ("values_by_state", "all", HOSTILE),
        )
    ])  # fmt: skip
    write_llm_calls(warehouse, [
        {"stage": "title_collection", "model": HOSTILE, "prompt_version": "v1", "tokens_in": 10, "tokens_out": 5,
         "usd": 0.5, "latency_ms": 900, "attempts": 1, "cache_hit": hit, "error": error}
        for hit, error in ((False, None), (True, None), (False, f"refused: {HOSTILE}"))
    ])  # fmt: skip
    write_table(warehouse, "demand_gaps", [
        {"combination_id": "a", "attributes": attributes(color="red", product_type=HOSTILE), "query": HOSTILE,
         "other_words": [],
         "searches": 9, "carriers": 3, "reason": "products in stock that carry all of it: 3 of 10 needed"},
        {"combination_id": "b", "attributes": attributes(color="red"), "query": "red", "searches": 4, "carriers": 30,
         "other_words": [HOSTILE], "reason": f"missing from the vocabulary: {HOSTILE} (too rare)"},
    ])  # fmt: skip


def write_large_marts(warehouse: Path) -> None:
    """What `make dashboard` reads of a large shop: the marts that grow with it, their texts long and full of markup."""
    write_marts(warehouse)
    facets = [f"facet_{number}" for number in range(20)]
    long = 'faux <suède> & "bouclé" with a very long name, number'
    approaches = ("content_first", "search_log")
    states = ("kept", "merged", "too rare", "too common", "unsafe", "unsearchable", "waiting")
    kinds = ("timeout", "http 429", "http 500", "refused", "schema", "budget", "grant", "picture")
    stages = ("extract_attributes", "review_attribute", "title_collection", "judge_product")
    write_table(warehouse, "topic_coverage", [
        {"approach": approach, "product_type": f"{long} {number}" if number else "all", "topics": 9000 - number,
         "products_reached": 90, "products": 100, "product_share": 0.9, "searches": 5000 - number, "demand_share": 0.4,
         "topics_other_lacks": 30, "satisfiable_searches": 40, "satisfiable_demand_share": 0.5}
        for number in range(3000) for approach in approaches
    ])  # fmt: skip
    precision = {"k": 10, "precision": 0.97, "low": 0.95, "high": 0.985, "judged": 4000}
    write_table(warehouse, "collection_precision_by_facet", [
        {"approach": approach, "facet": facet, "judge": judge} | precision
        for approach in approaches for facet in facets for judge in ("labels", "model", "people")
    ])  # fmt: skip
    write_table(warehouse, "threshold_sweep", [
        {"relevance_threshold": threshold / 10, "min_collection_size": size, "topics": 9000 - size,
         "products_reached": 90_000 + size, "precision": 0.9, "recall": 0.8,
         "operating_point": (threshold, size) == (9, 10), "suggested": (threshold, size) == (8, 10)}
        for threshold in range(1, 11) for size in range(5, 85, 10)
    ])  # fmt: skip
    write_table(warehouse, "attributes", [
        {"attribute_id": f"a{number}", "facet": facets[number % 20], "value": f"{long} {number}",
         "products": 9000 - number, "synonyms": [f"{long} {other}" for other in range(number % 10)]}
        for number in range(5000)
    ])  # fmt: skip
    write_table(warehouse, "vocabulary_decisions", [
        {"facet": facets[number % 20], "value": f"{long} {number}", "products": number % 700,
         "state": states[number % 7], "reason": f"{long}, and for another reason, too: {number}"}
        for number in range(50_000)
    ])  # fmt: skip
    write_table(warehouse, "attribute_thresholds", [
        {"attribute_id": f"a{number}", "usable": number % 3 > 0} for number in range(5000)
    ])  # fmt: skip
    write_table(warehouse, "product_attributes", [
        {"product_id": f"p{number // 8}", "facet": facets[number % 20], "source": source}
        for number, source in enumerate(50_000 * ("catalog", "extracted", "encoder", "parent"))
    ])  # fmt: skip
    recall = {"split": "test", "recall": 0.9, "pairs": 70_000, "products": 10_000, "k": 10}
    slices = [("facet", facet) for facet in facets] + [("frequency", f"{floor} to {floor + 9}") for floor in range(9)]
    write_table(warehouse, "attribute_recall_by_group", [
        recall | {"modality": modality, "dimension": dimension, "slice": slice_}
        for modality in ("image", "text", "image and text") for dimension, slice_ in slices
    ])  # fmt: skip
    write_table(warehouse, "assignment_quality", [
        {"split": "test", "source": source, "dimension": dimension, "slice": slice_, "precision": 0.9, "recall": 0.8,
         "f1": 0.85, "judged_pairs": 70_000}
        for source in ("all", "catalog", "extracted", "encoder", "parent")
        for dimension, slice_ in [("all", "all"), *slices]
    ])  # fmt: skip
    write_table(warehouse, "encoder_runs", [
        {"name": f"{long} {number}", "kind": "training", "in_use": number == 0, "created_at": BUILT,
         "trained_on": "pairs", "train_products": 90_000, "seconds": 7.5}
        for number in range(300)
    ])  # fmt: skip
    settings = ",".join(f'"a_setting_of_the_project_{number}":"[0.02, 0.05]"' for number in range(24))
    write_table(warehouse, "metric_history", [
        {"run": run, "built_at": BUILT, "code_version": "0123456789ab", "settings": f"{{{settings}, {run // 3}}}",
         "metric": metric, "entity": entity, "slice": slice_, "value": 0.5 + run / 1000}
        for run in range(1, 201)
        for metric, entity, slice_ in (
            *(("topics", approach, "all") for approach in approaches),
            *((metric, "content_first", "all") for metric in ("product_share", "demand_share")),
            *(("precision_at_10", "content_first", f"by {judge}") for judge in ("labels", "model", "people")),
            *(("recall_at_10", modality, "test") for modality in ("image", "text", "image and text")),
            ("attributes", "all", "all"),
            *(("topics", "content_first", f"{long} {number}") for number in range(3000 if run > 198 else 30)),
        )
    ])  # fmt: skip
    write_llm_calls(warehouse, [
        {"stage": stages[number % 4], "model": f"model-{number % 9}", "prompt_version": f"v{number % 5}",
         "tokens_in": 1000, "tokens_out": 50, "usd": 0.001, "latency_ms": 900 + number % 700, "attempts": 1,
         "cache_hit": number % 3 == 0, "error": f"{kinds[number % 8]}: {long} {number}" if number % 11 == 0 else None}
        for number in range(50_000)
    ])  # fmt: skip
    write_table(warehouse, "demand_gaps", [
        {"combination_id": f"c{number}", "attributes": attributes(color=f"{long} {number}", product_type=long),
         "query": f"{long} {number}", "other_words": [long, f"{number}"], "searches": 9000 - number,
         "carriers": number,
         "reason": f"{('products in stock that carry', 'title', 'missing')[number % 3]}: {long} {number}"}
        for number in range(9000)
    ])  # fmt: skip


def write_llm_calls(warehouse: Path, calls: Sequence[Mapping[str, Any]]) -> None:
    keyed = [{"key": f"{number:032x}"} | call for number, call in enumerate(calls)]
    write_table(
        warehouse, "llm_calls", keyed, key=pa.string(), stage=pa.string(), model=pa.string(),
        prompt_version=pa.string(), tokens_in=pa.int64(), tokens_out=pa.int64(), usd=pa.float64(),
        latency_ms=pa.int64(), attempts=pa.int32(), cache_hit=pa.bool_(),
        error=pa.string(),
    )  # fmt: skip
