import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_teams_and_approval"),
        ("messaging", "0002_what_is_paid_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="outreach",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.team",
            ),
        ),
    ]
