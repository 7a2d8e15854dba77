import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An upgrade changes the plan for which it was priced, and no other."""

    dependencies = [("billing", "0008_what_is_approved_stays")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="changes",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.subscription",
            ),
        ),
    ]
