"""The bodies of a county: departments, town stations, village committees, and their named officers."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class DepartmentLevel(models.TextChoices):
    TOWN = "town", "乡镇（街道）"
    COUNTY = "county", "县级"
    CITY = "city", "市级"
    PROVINCE = "province", "省级"


class DepartmentRole(models.TextChoices):
    LEAD = "lead", "牵头部门"
    COOPERATING = "cooperating", "配合部门"


class Department(CountyModel):
    """A body with supervision duties. ``town`` is set for a body of one town."""

    code = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=20, choices=DepartmentLevel, default=DepartmentLevel.COUNTY)
    role = models.CharField(max_length=20, choices=DepartmentRole, default=DepartmentRole.COOPERATING)
    town = models.CharField(max_length=9, blank=True)
    duty_phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="department_code_once")]

    def __str__(self) -> str:
        return self.name


class Station(CountyModel):
    """A town's work-safety station (安监站)."""

    town = models.CharField(max_length=9)
    name = models.CharField(max_length=100)
    duty_phone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "town"], name="station_once")]


class Committee(CountyModel):
    """A village or residents' committee (村民委员会、居民委员会)."""

    village = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    duty_phone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "village"], name="committee_once")]


class NamedOfficer(CountyModel):
    """The person a department names for grid work, for a period."""

    department = CountyForeignKey(Department, related_name="named_officers")
    user_id = models.UUIDField(null=True)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
