"""What a provider of payment was last told about a subscription: nothing yet, for those that run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_lots_keep_their_policy"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="provider_told",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
    ]
