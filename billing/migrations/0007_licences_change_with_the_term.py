"""A team changes the number of its licences: fewer wait for the end of the term."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_what_a_provider_was_told")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="next_seats",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=Q(next_seats=None) | Q(next_seats__gt=0, changes_at__isnull=False),
                name="billing_licences_wait_with_a_change",
            ),
        ),
    ]
