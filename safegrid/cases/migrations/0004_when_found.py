"""When a thing was seen, where that was earlier than its report: phones report later what they could not send."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_words_and_queues"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="found_at",
            field=models.DateTimeField(help_text="现场发现时间，可早于上报（离线上报）；为空即上报时发现", null=True),
        ),
    ]
