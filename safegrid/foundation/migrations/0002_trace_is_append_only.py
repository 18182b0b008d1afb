from django.db import migrations

from safegrid.foundation import triggers


class Migration(migrations.Migration):
    """Let the database refuse every change of the trace but the sealing of a row."""

    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: triggers.install(editor.connection),
            lambda apps, editor: triggers.remove(editor.connection),
        )
    ]
