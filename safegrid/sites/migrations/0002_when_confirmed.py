"""When a record was last found right: until now asked of the visits for each site, which a desk awaited for half a second."""

from django.db import migrations, models
from django.db.models import F

from safegrid.foundation import bulk, clock
from safegrid.foundation.keys import cross_county


def fill(apps, editor):
    """Every site was last written when it says so; the visits add theirs (patrols 0003)."""
    site = apps.get_model("sites", "Site")
    with cross_county("all sites that there are"):
        for ids in bulk.batches(site.objects.order_by("county", "id").values_list("id", flat=True).iterator(1000), 1000):
            site.objects.filter(id__in=ids).update(confirmed_at=F("updated_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="confirmed_at",
            field=models.DateTimeField(default=clock.now, help_text="最近一次登记、修改或完成巡查的时间；见 sites.freshness"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="site",
            index=models.Index(
                condition=models.Q(("is_directly_supervised", False), ("status", "active")),
                fields=["county", "confirmed_at", "town", "id"],
                name="site_confirmed",
            ),
        ),
    ]
