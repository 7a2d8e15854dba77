"""What all versions of rules share: proposed by one person, approved by another, from then on never changed (M18)."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

V = TypeVar("V", bound="Version")


class VersionImmutable(Exception):
    """An approved version is never edited: propose another one."""


class VersionQuerySet(models.QuerySet[V]):
    def approved(self) -> "VersionQuerySet[V]":
        return self.filter(approved_at__isnull=False)

    def drafts(self) -> "VersionQuerySet[V]":
        return self.filter(approved_at=None)

    def begun(self, at: datetime) -> "VersionQuerySet[V]":
        """In force at `at` or before."""
        return self.approved().filter(in_force_from__lte=at)

    def not_begun(self, at: datetime) -> "VersionQuerySet[V]":
        """Drafts, and what is approved for a later instant: these may still be withdrawn."""
        return self.filter(Q(approved_at=None) | Q(in_force_from__gt=at))


class Version(models.Model):
    """Abstract: guards `save` and `delete` of what is approved."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and self._is_approved():
            raise VersionImmutable(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self._is_approved():
            raise VersionImmutable(str(self))
        return super().delete(*args, **kwargs)

    def _is_approved(self) -> bool:
        stored = type(self)._base_manager.filter(Q(approved_at__isnull=False), pk=self.pk)  # type: ignore[misc]
        return stored.exists()
