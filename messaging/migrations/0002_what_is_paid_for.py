"""What outreach may be paid for by, the reason for contact, and conversations started in a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_lots_keep_their_policy"),
        ("messaging", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="outreach",
            name="messaging_outreach_has_one_charge_or_one_free_code",
        ),
        migrations.AddField(
            model_name="draft",
            name="reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="outreach",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="outreach",
            name="skips_requests",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="sendingday",
            name="starts",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="outreach",
            name="code",
            field=models.CharField(
                choices=[
                    ("inmail", "InMail"),
                    ("open_profile", "Open Profile"),
                    ("follow_up", "Follow-up"),
                    ("open_paid", "Paid message"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="outreach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code__in", ["inmail", "open_paid"]), ("charge__isnull", False)),
                    models.Q(("code__in", ["open_profile", "follow_up"]), ("charge__isnull", True)),
                    _connector="OR",
                ),
                name="messaging_outreach_has_one_charge_or_one_free_code",
            ),
        ),
    ]
