"""Each lot names the policy under which it was granted; of older ones nobody wrote it down."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_teams_and_approval"),
        ("billing", "0004_what_was_in_force_is_approved"),
    ]

    operations = [
        migrations.AddField(
            model_name="lot",
            name="policy_version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.policyversion",
            ),
        ),
    ]
