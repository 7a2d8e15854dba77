"""The composition root. Loading it makes the Celery app current, so that every task publishes through it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
