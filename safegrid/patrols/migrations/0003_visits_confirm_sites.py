"""What visits carried out so far confirmed: sites keep it from now on (``hooks.confirms_site``)."""

from django.db import migrations
from django.db.models import Max

from safegrid.foundation import bulk
from safegrid.foundation.keys import cross_county


def fill(apps, editor):
    """Give each site the moment of its latest visit, where that is later than its record."""
    site, visit = apps.get_model("sites", "Site"), apps.get_model("patrols", "Visit")
    with cross_county("all sites that there are"):
        rows = site.objects.order_by("county", "id").values_list("county", "id", "confirmed_at").iterator(1000)
        for batch in bulk.batches(rows, 1000):
            known = {key: (county, at) for county, key, at in batch}
            counties = {county for county, _ in known.values()}
            done = visit.objects.filter(county__in=counties, site_id__in=list(known), outcome="done").order_by()
            for key, at in done.values_list("site_id").annotate(at=Max("visited_at")):
                county, before = known[key]
                if at > before:
                    site.objects.filter(county=county, id=key).update(confirmed_at=at)


class Migration(migrations.Migration):
    dependencies = [
        ("patrols", "0002_plans_of_visits"),
        ("sites", "0002_when_confirmed"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
