from django.db import models


class Yard(models.Model):
    name = models.TextField()

    class Meta:
        app_label = "school"
        db_table = "yards"


class Pony(models.Model):
    yard = models.ForeignKey(Yard, models.CASCADE, related_name="ponies")
    name = models.TextField()
    height_cm = models.IntegerField()
    weight_limit = models.IntegerField()
    retired = models.BooleanField(default=False)

    class Meta:
        app_label = "school"
        db_table = "ponies"
        ordering = ["name"]

    def ridden_minutes(self, day) -> int:
        return sum(lesson.minutes for lesson in self.lessons.filter(day=day))

    def last_check(self):
        return self.checks.order_by("-day").first()

    def rest_minutes(self, day) -> int:
        limit = 180 if self.height_cm >= 130 else 120
        return max(0, limit - self.ridden_minutes(day))


class Lesson(models.Model):
    pony = models.ForeignKey(Pony, models.CASCADE, related_name="lessons")
    rider = models.TextField()
    day = models.DateField()
    starts = models.TimeField()
    minutes = models.IntegerField()

    class Meta:
        app_label = "school"
        db_table = "lessons"


class Check(models.Model):
    pony = models.ForeignKey(Pony, models.CASCADE, related_name="checks")
    day = models.DateField()
    sound = models.BooleanField()
    note = models.TextField(null=True)

    class Meta:
        app_label = "school"
        db_table = "checks"
