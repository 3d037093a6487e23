# ruff: noqa: E501
"""Two hundred payloads in every text there is: no page of the site, of the admin or of the API's description runs one."""

from urllib.parse import quote

import pytest

from articles.models import ImportJob, ImportRowError, NilGroup, SavedSearch
from entities.matching.types import Kind
from entities.models import DuplicateSuggestion, Event, Takedown
from tests.factories import make_alias, make_article, make_mention, make_record, make_source, make_term

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

_OPENINGS = ["", '"', "'", '">', "'>", "</title>", "</script>", "</textarea>", "-->", "]]>"]
_BODIES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<body onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>", "<details open ontoggle=alert(1)>x", "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)>", "<a href=javascript:alert(1)>x</a>", "<math><mi xlink:href='javascript:alert(1)'>",
    " onmouseover=alert(1) x=", " onfocus=alert(1) autofocus=", "javascript:alert(1)", "jav\tascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:alert(1)", "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}", "<template><script>alert(1)</script></template>",
]  # fmt: skip
PAYLOADS = [opening + body for opening in _OPENINGS for body in _BODIES]
_AT_ONCE = 50


def test_there_are_two_hundred_different_payloads():
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), _AT_ONCE))
def test_no_payload_runs_on_any_page(open_page, admin_user, first):
    payloads = PAYLOADS[first : first + _AT_ONCE]
    whole = "\n".join(payloads)
    record = make_record(payloads[0], kind=Kind.STATE, summary=whole[:300], description=whole[:1000])
    other = make_record(payloads[1], summary=whole[:300], attributes={payloads[2]: payloads[3]})
    source = make_source(payloads[4], payloads[5][:150], url=payloads[-1])
    for payload in payloads[1:]:
        make_alias(record, payload, source=source)
    make_term(other, whole[:300], state=record, source=source)
    article = make_article(
        whole, whole[:500], source=payloads[6], author=whole[:300], url="javascript:alert(1)", language="en"
    )
    for payload in payloads[:10]:
        make_mention(
            article, payload, record, reason=whole[:900], status="review", candidates=[record, other], note=whole
        )
    group = NilGroup.objects.create(key="x", name=whole[:300], kind="person", mention_count=1, article_count=1)
    make_mention(article, payloads[11], nil_group=group)
    pair = DuplicateSuggestion.objects.create(a=record, b=other, probability=0.5, reasons=payloads)
    job = ImportJob.objects.create(path=whole[:2000], status="failed", message=whole[:2000], warnings=payloads)
    ImportRowError.objects.bulk_create(
        ImportRowError(job=job, file=payload, line=n, reason=payload, excerpt=payload[:500])
        for n, payload in enumerate(payloads)
    )
    SavedSearch.objects.create(owner=admin_user, name=whole[:200], query={"q": payloads[7], "source": payloads[8]})
    Takedown.objects.create(entity=other, sort="field", field=payloads[9][:120], reason=whole[:2000], actor=admin_user)
    Event.objects.create(entity=record, type=Event.Type.EDITED, reason=whole[:2000], before={"name": whole}, after={})
    watched = open_page(user=admin_user)
    for address in (
        "/", "/?q=alert", record.get_absolute_url(), other.get_absolute_url(), "/articles/", article.get_absolute_url(),
        f"/reconcile/preview/{record.public_id}/", "/admin/", "/admin/curation/review/links/",
        "/admin/curation/review/duplicates/", "/admin/curation/review/proposals/",
        f"/admin/curation/merge/?ids={pair.a_id},{pair.b_id}", f"/admin/curation/history/{record.pk}/",
        f"/admin/curation/split/{record.pk}/", "/admin/entities/entity/", f"/admin/entities/entity/{record.pk}/change/",
        "/admin/articles/article/", f"/admin/articles/article/{article.pk}/change/", "/admin/articles/link/",
        f"/admin/articles/nilgroup/{group.pk}/change/", "/admin/entities/source/",
        "/searches/", "/admin/articles/importjob/", f"/admin/articles/importjob/{job.pk}/change/",
        "/admin/entities/takedown/", f"/admin/curation/takedown/{other.pk}/", "/admin/entities/event/",
        "/admin/entities/alias/", "/admin/curation/radar/", "/admin/curation/review/",
    ):  # fmt: skip
        page = watched.goto(address)
        hrefs = page.evaluate(
            "[...document.querySelectorAll('a[href],form[action],iframe[src]')].map(e => e.href || e.action || e.src)"
        )
        wrong = [one for one in hrefs if str(one).strip().lower().startswith(("javascript:", "vbscript:", "data:"))]
        assert wrong == [], address
        if "/preview/" in address:  # made for other sites' frames: it brings no icon, and the browser asks for one
            watched.faults[:] = [fault for fault in watched.faults if "404" not in fault]
        assert watched.faults == [], address


@pytest.mark.parametrize("address", ["/api/docs/", "/api/redoc/"])
def test_the_description_runs_no_payload_of_its_address(open_page, db, address):
    watched = open_page()
    for payload in PAYLOADS[::40]:
        watched.goto(f"{address}?url={quote(payload)}#{quote(payload)}")
    assert [fault for fault in watched.faults if fault.startswith("dialog")] == []
