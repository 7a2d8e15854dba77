from django.db import migrations, models


class Migration(migrations.Migration):
    """A day of sending keeps its end when the member's zone changes; a refusal stays one when it is withdrawn."""

    dependencies = [
        ("messaging", "0004_reach_and_conduct"),
    ]

    operations = [
        migrations.AddField(
            model_name="sendingday",
            name="ends_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="sendingday",
            name="zone",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name="introduction",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "Asked"),
                    ("passed", "Not forwarded"),
                    ("forwarded", "Forwarded"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("dropped", "Declined, then withdrawn"),
                ],
                default="asked",
                max_length=9,
            ),
        ),
    ]
