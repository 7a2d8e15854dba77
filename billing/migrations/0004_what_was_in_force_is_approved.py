"""Versions from before approvals existed came from a catalog, by the operator's command: they are approved."""

from django.db import migrations
from django.db.models import F


def approve(apps, schema_editor):
    for app, model in (("accounts", "PolicyVersion"), ("billing", "PlanVersion")):
        versions = apps.get_model(app, model).objects.filter(approved_at=None)
        versions.update(approved_at=F("in_force_from"))
    adjustments = apps.get_model("billing", "Adjustment").objects.filter(proposed_at=None)
    adjustments.update(proposed_at=F("posted_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_teams_and_approval"),
        ("billing", "0003_orders_promotions_teams"),
    ]

    operations = [migrations.RunPython(approve, migrations.RunPython.noop)]
