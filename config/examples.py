"""What each operation of the API answers, as its description shows it; a test holds every one against its schema."""

from __future__ import annotations

import json
from pathlib import Path

_PERSON = {"id": "q8rnpz9h4j", "kind": "person", "name": "Masoud Pezeshkian"}
_OTHER = {"id": "h3kd82mvxw", "kind": "person", "name": "Masoud Pezeshkian (physician)"}
_IRAN = {"id": "c5tw7y2kqa", "kind": "state", "name": "Iran"}
_SOURCE = {"name": "Wikidata", "licence": "CC0-1.0", "url": "https://www.wikidata.org/"}
_RECORD = {
    **_PERSON, "description": "President of Iran since 2024", "subtype": "", "valid_from": "1954-09-29", "valid_to": "",
    "prominence": 1, "url": "/records/q8rnpz9h4j/",
}  # fmt: skip
_HELD = {"title": "President", "state": _IRAN, "organization": None, "start": "2024-07-28", "end": ""}
_TERM = {
    "id": 97, **_HELD, "state_text": "", "organization_text": "", "as_of": "", "source": _SOURCE,
}  # fmt: skip
_ALIAS = {
    "id": 41, "name": "مسعود پزشکیان", "lang": "fa", "script": "Arab", "type": "native", "quality": "normal", "valid_from": "",
    "valid_to": "", "source": _SOURCE,
}  # fmt: skip
_DETAIL = {
    **_RECORD, "capital": "", "signed": "", "in_force": "", "attributes": {"birth_place": "Mahabad"}, "aliases": [_ALIAS],
    "identifiers": [{"id": 52, "scheme": "wikidata", "value": "Q5959909", "is_contested": False, "source": _SOURCE}],
    "terms": [_TERM],
    "relations": [{"id": 63, "type": "state", "target": _IRAN, "target_text": "", "start": "", "end": "", "source": _SOURCE}],
    "source": _SOURCE, "sources": [_SOURCE], "merged_ids": ["h3kd82mvxw"], "merged_into": None, "version": 7,
    "updated_at": "2026-01-02T03:04:05Z",
}  # fmt: skip
_OWNED_ALIAS = {"record": _PERSON, **_ALIAS}
_OWNED_TERM = {"record": _PERSON, **_TERM}
_MERGE = {
    "id": 3, "survivor": _PERSON, "absorbed": _OTHER, "by": "curator", "reason": "same dates, same office",
    "merged_at": "2026-01-02T03:04:05Z", "undone_at": None, "undone_by": None,
}  # fmt: skip
_ARTICLE_REF = {"id": "9f2mkx7cwz", "title": "Presidents meet", "source": "Island Wire", "published_on": "2025-01-17"}
_ARTICLE = {
    **_ARTICLE_REF, "author": "", "url": "https://news.example/presidents", "language": "en", "published_at": None,
    "date_source": "metadata", "similar_to": None, "imported_at": "2026-01-02T03:04:05Z", "linked_at": "2026-01-02T03:04:06Z",
}  # fmt: skip
_EVIDENCE = {"feature": "name", "weight": 4.2, "text": "the name itself"}
_FOUND = {
    "start": 0, "end": 17, "surface": "Masoud Pezeshkian", "type": "PER", "chain": 1, "status": "linked",
    "record": _PERSON, "probability": 0.99, "margin": 0.97, "reason": "the full name", "evidence": [_EVIDENCE],
}  # fmt: skip
_MENTION = {"id": 5231, **_FOUND, "by_person": False}
_LINK = {
    "id": 881, "mention": 5231, "surface": "Masoud Pezeshkian", "article": _ARTICLE_REF, "status": "linked",
    "record": _PERSON, "probability": 1.0, "margin": 1.0, "reason": "chosen by a person", "evidence": [], "by": "curator",
    "note": "the president", "made_at": "2026-01-02T03:04:05Z", "superseded_at": None,
}  # fmt: skip
_DOUBTFUL = {
    **_LINK,
    "status": "review",
    "probability": 0.61,
    "margin": 0.2,
    "by": None,
    "note": "",
    "reason": "near tie",
}
_JUDGEMENT = {
    "id": 12, "a": _PERSON, "b": _OTHER, "verdict": "different", "by": "curator", "reason": "father and son",
    "judged_at": "2026-01-02T03:04:05Z", "superseded_at": None,
}  # fmt: skip
_PAIR = {
    "id": 77, "a": _RECORD, "b": {**_RECORD, **_OTHER, "url": "/records/h3kd82mvxw/"}, "probability": 0.71,
    "reasons": ["the names are alike"], "suggested_at": "2026-01-02T03:04:05Z", "closed_at": None,
}  # fmt: skip
_NAME = {
    "id": 19, "name": "Jane Roe", "kind": "person", "status": "open", "mention_count": 4, "article_count": 3,
    "record": None, "decided_at": None, "reason": "",
}  # fmt: skip
_TAKEDOWN = {
    "id": 8, "record": "q8rnpz9h4j", "sort": "field", "field": "valid_from", "is_correction": False,
    "reason": "asked for by the person", "by": "curator", "made_at": "2026-01-02T03:04:05Z", "lifted_at": None,
    "lifted_by": None, "lift_reason": "",
}  # fmt: skip
_ARTICLE_TAKEDOWN = {
    "article": "9f2mkx7cwz", "reason": "court order 12/26", "by": "curator", "made_at": "2026-01-02T03:04:05Z",
    "lifted_at": None, "lifted_by": None, "lift_reason": "",
}  # fmt: skip
_IMPORT = {
    "id": 17, "name": "wire.jsonl", "status": "running", "progress": 0.42,
    "counts": {"rows": 4200, "new": 4100, "changed": 12, "known": 85, "refused": 3, "mentions": 51733},
    "message": "", "warnings": ["unknown key 'views', left out"], "errors": "/api/v1/imports/17/errors/",
    "created_at": "2025-01-17T09:00:00Z", "started_at": "2025-01-17T09:00:02Z", "finished_at": None,
}  # fmt: skip
_UNREAD = {
    **_IMPORT, "status": "queued", "progress": 0.0, "counts": dict.fromkeys(_IMPORT["counts"], 0), "warnings": [],
    "started_at": None,
}  # fmt: skip
_REFUSED = {
    "file": "wire.jsonl", "line": 118, "reason": "has no text", "excerpt": '{"title": "Strike ends"}',
}  # fmt: skip
_SEGMENT = {"start": 0, "end": 44, "kind": "body"}


def _page(row: dict) -> dict:
    return {"next": None, "previous": None, "results": [row]}


#: Operation, with the status where there are several → its answer.
ANSWERS = {
    "records_list": _page({**_RECORD, "score": 0.82, "reason": "similar to Masoud Pezeshkian", "terms": [_HELD]}),
    "records_create": _DETAIL,
    "records_retrieve": _DETAIL,
    "records_update": _DETAIL,
    "record_aliases_list": _page(_OWNED_ALIAS),
    "record_aliases_create": _OWNED_ALIAS,
    "record_terms_list": _page(_OWNED_TERM),
    "record_terms_create": _OWNED_TERM,
    "aliases_list": _page(_OWNED_ALIAS),
    "aliases_retrieve": _OWNED_ALIAS,
    "terms_list": _page(_OWNED_TERM),
    "terms_retrieve": _OWNED_TERM,
    "terms_update": _OWNED_TERM,
    "merges_list": _page(_MERGE),
    "merges_retrieve": _MERGE,
    "merges_create": {"merges": [_MERGE]},
    "merges_create 200": {
        "survivor": _PERSON,
        "impact": {"facts": {"alias": 2, "term": 1}, "referring": 0, "redirects": 1, "mentions": 12, "articles": 9},
        "contradictions": ["They were born on different days: 1954-09-29 and 1961-02-03."],
    },
    "merges_undo": {**_MERGE, "undone_at": "2026-01-03T03:04:05Z", "undone_by": "curator"},
    "takedowns_list": _page(_TAKEDOWN),
    "takedowns_create": _TAKEDOWN,
    "takedowns_retrieve": _TAKEDOWN,
    "takedowns_lift": {
        **_TAKEDOWN, "lifted_at": "2026-01-03T03:04:05Z", "lifted_by": "curator",
        "lift_reason": "it was the right date after all",
    },
    "articles_takedown": {"takedowns": [_ARTICLE_TAKEDOWN]},
    "articles_lift": {
        **_ARTICLE_TAKEDOWN, "lifted_at": "2026-01-03T03:04:05Z", "lifted_by": "curator",
        "lift_reason": "the order was overturned",
    },
    "imports_list": _page(_IMPORT),
    "imports_create": _UNREAD,
    "imports_retrieve": _IMPORT,
    "imports_cancel": {**_IMPORT, "status": "cancelled", "finished_at": "2025-01-17T09:04:10Z"},
    "imports_resume": {**_IMPORT, "status": "queued"},
    "imports_errors": _page(_REFUSED),
    "changes_list": {
        "results": [
            {"type": "merged", "id": "q8rnpz9h4j", "other": "h3kd82mvxw", "at": "2026-01-02T03:04:05Z", "now": "q8rnpz9h4j"}
        ],
        "cursor": "YzQy",
        "has_more": False,
    },
    "articles_list": _page(_ARTICLE),
    "articles_retrieve": {
        **_ARTICLE, "text": None, "segments": [_SEGMENT],
        "sentences": [{"start": 0, "end": 44, "text": "Masoud Pezeshkian was received in the Kremlin."}],
        "mentions": [_MENTION],
    },
    "mentions_list": _page({**_MENTION, "article": _ARTICLE_REF}),
    "mentions_retrieve": {**_MENTION, "article": _ARTICLE_REF},
    "mentions_decide": {"links": [_LINK], "left_alone": 0},
    "links_list": _page(_LINK),
    "links_retrieve": _LINK,
    "links_undo": _DOUBTFUL,
    "review_links_list": _page(_DOUBTFUL),
    "review_links_retrieve": {
        **_DOUBTFUL, "sentence": "Pezeshkian was received in the Kremlin.",
        "candidates": [{"record": _RECORD, "rank": 1, "probability": 0.61, "evidence": [_EVIDENCE]}],
    },
    "review_links_decide": {"links": [_LINK], "left_alone": 0},
    "review_duplicates_list": _page(_PAIR),
    "review_duplicates_retrieve": {**_PAIR, "verdicts": [_JUDGEMENT]},
    "review_duplicates_decide": _JUDGEMENT,
    "review_names_list": _page(_NAME),
    "review_names_retrieve": {
        "name": _NAME, "surfaces": [{"text": "Jane Roe", "count": 4}], "outlets": [{"text": "Island Wire", "count": 3}],
        "first_seen": "2024-07-29", "last_seen": "2025-01-17",
        "sentences": [
            {"article": "9f2mkx7cwz", "title": "Presidents meet", "published_on": "2025-01-17", "before": "said",
             "surface": "Jane Roe", "after": "on Friday."}
        ],
        "company": [{"record": _IRAN, "count": 2}],
        "near": [{"record": _RECORD, "name": "Masoud Pezeshkian", "likeness": 0.63}],
        "alike": [],
    },
    "review_names_decide": {**_NAME, "status": "rejected", "decided_at": "2026-01-02T03:04:05Z", "reason": "a byline"},
    "judgements_list": _page(_JUDGEMENT),
    "judgements_create": _JUDGEMENT,
    "judgements_retrieve": _JUDGEMENT,
    "judgements_undo": {**_JUDGEMENT, "superseded_at": "2026-01-03T03:04:05Z"},
    "match": {
        "results": [
            {
                "index": 0, "status": 200,
                "matches": [
                    {"record": _RECORD, "probability": 0.97, "margin": 0.95, "is_match": True,
                     "matched_name": "Masoud Pezeshkian", "reasons": ["the names are alike"], "features": {"name": 0.93}}
                ],
            },
            {"index": 1, "status": 400, "errors": {"on": ["A date looks like 2024, 2024-07 or 2024-07-29."]}},
        ]
    },
    "explain": {
        "record": _PERSON, "outcome": "linked", "probability": 0.99, "margin": 0.97,
        "summary": "Linked: the full name, and he was president on the article's date.",
        "speaks_for": [_EVIDENCE], "speaks_against": [], "instead": None,
        "changes": [{"condition": "if the article were of 1990", "outcome": "review", "probability": 0.4}], "notes": [],
    },
    "link": {
        "date": "2025-01-17", "language": "en", "segments": [_SEGMENT],
        "mentions": [{**_FOUND, "candidates": [{"record": _PERSON, "probability": 0.99}]}],
    },
}  # fmt: skip

_EXPORTS = Path(__file__).parent / "example_exports"
_NDJSON, _CSV = "application/x-ndjson", "text/csv"
_FTM_LINES, _FTM = "application/json+ftm", "application/vnd.followthemoney+json"
_JSONLD, _NT = "application/ld+json", "application/n-triples"


def _export(name: str) -> str:
    return (_EXPORTS / name).read_bytes().decode()


def written() -> dict[str, dict[str, dict[str, object]]]:
    """What is no plain JSON: operation → media type → ``format`` → the answer, byte for byte as it is sent."""
    found: dict[str, dict[str, dict[str, object]]] = {
        f"export_{what}": {
            _NDJSON: {"refdesk": _export(f"{what}.jsonl")},
            _CSV: {"csv": _export(f"{what}.csv"), **{f"csv-{name}": _export(f"{what}.{name}.csv") for name in tables}},
            _FTM_LINES: {"ftm": _export(f"{what}.ftm.json")},
            _JSONLD: {"jsonld": json.loads(_export(f"{what}.jsonld"))},
            _NT: {"nt": _export(f"{what}.nt")},
        }
        for what, tables in (("records", ("aliases", "identifiers", "terms", "relations")), ("articles", ("mentions",)))
    }
    found["records_retrieve"] = {
        _JSONLD: {"jsonld": json.loads(_export("record.jsonld"))},
        _NT: {"nt": _export("records.nt")},
        _FTM: {"ftm": [json.loads(line) for line in _export("records.ftm.json").splitlines()]},
    }
    found["imports_errors_jsonl"] = {_NDJSON: {"jsonl": _export("errors.jsonl")}}
    found["imports_errors_csv"] = {_CSV: {"csv": _export("errors.csv")}}
    return found


#: Parameter → an example of it, whichever operation takes it.
PARAMETERS = {
    "public_id": "q8rnpz9h4j", "id": 41, "record": "q8rnpz9h4j", "article": "9f2mkx7cwz", "state": "IRN",
    "organization": "w4nz6h8prt", "on": "2024-09-01", "since": "2024-07", "until": "2024-12-31",
    "office": "foreign minister", "title": "President", "name": "Masoud Pezeshkian", "lang": "fa", "language": "en",
    "source": "Island Wire", "date": "2025-01-17", "surface": "Masoud Pezeshkian", "If-Match": '"7-5d41402abc4b2a76"',
    "subtype": "trade agreement", "q": "Moscow talks", "Idempotency-Key": "import-2026-01-02-row-17", "page_size": 50,
    "encoding": "windows-1251",
}  # fmt: skip
