"""What the background worker did and when: read by the console and /readyz."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of one job. Without `finished_at` it is running, or was interrupted."""

    job = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    succeeded = models.BooleanField(null=True)
    # Counts and words for the console, e.g. "12 renewed".
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        indexes = [
            # The latest run of a job: console, /readyz, the clock guard.
            models.Index(fields=["job", "-started_at"], name="accounts_jobrun_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M:%S}"


class FailedJob(models.Model):
    """A task that failed at its last try; the sweep of its kind finds its work again."""

    task = models.CharField(max_length=120)
    arguments = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=500)
    failed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("failed job")
        verbose_name_plural = _("failed jobs")

    def __str__(self) -> str:
        return f"{self.task} {self.failed_at:%Y-%m-%d %H:%M}"
