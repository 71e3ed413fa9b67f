"""Patients of the dental practices and what was done."""
from datetime import date, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery

CHECKS = ("checkup", "hygiene")


class Practice(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField()
    town = models.TextField()

    class Meta:
        app_label, db_table, managed = "recalls", "practices", False


class PatientQuerySet(models.QuerySet):
    def with_last_seen(self):
        checks = Visit.objects.filter(patient=OuterRef("pk"), kind__in=CHECKS).order_by("-at")
        return self.annotate(last_seen=Subquery(checks.values("at")[:1]), last_kind=Subquery(checks.values("kind")[:1]))

    def without_appointment(self, on: date):
        return self.filter(~Exists(Appointment.objects.filter(patient=OuterRef("pk"), at__gte=on)))

    def due_for_recall(self, on: date, months: int):
        return (self.filter(active=True).with_last_seen().without_appointment(on)
                .filter(last_seen__lt=on - timedelta(days=months * 30)).order_by(F("last_seen").asc(), "id"))


class Patient(models.Model):
    id = models.IntegerField(primary_key=True)
    practice = models.ForeignKey(Practice, models.DO_NOTHING)
    name = models.TextField()
    phone = models.TextField()
    born = models.DateField()
    active = models.BooleanField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        app_label, db_table, managed = "recalls", "patients", False


class Visit(models.Model):
    id = models.IntegerField(primary_key=True)
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    at = models.DateField()
    kind = models.TextField()
    remark = models.TextField()

    class Meta:
        app_label, db_table, managed = "recalls", "visits", False


class Appointment(models.Model):
    id = models.IntegerField(primary_key=True)
    patient = models.ForeignKey(Patient, models.DO_NOTHING)
    at = models.DateField()

    class Meta:
        app_label, db_table, managed = "recalls", "appointments", False
