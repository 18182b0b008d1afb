"""When somebody is to be met at a site: visits are planned for those hours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0002_when_confirmed")]

    operations = [
        migrations.AddField(
            model_name="site",
            name="opening_hours",
            field=models.CharField(blank=True, default="", help_text="每天的营业时间，见 sites.opening；不清楚的留空", max_length=40),
            preserve_default=False,
        ),
    ]
