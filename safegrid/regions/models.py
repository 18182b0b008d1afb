"""The administrative tree, its changes over time, and the shapes of its nodes."""

from django.db import models

from safegrid.foundation.keys import CountyModel, ReferenceModel


class Level(models.IntegerChoices):
    PROVINCE = 1, "省级"
    CITY = 2, "地级"
    COUNTY = 3, "县级"
    TOWN = 4, "乡级"
    VILLAGE = 5, "村级"


class Region(ReferenceModel):
    """A node of the tree. ``code``: the 12-digit statistical code, trailing zeros cut by level: 2, 4, 6, 9 or 12 digits."""

    code = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    level = models.PositiveSmallIntegerField(choices=Level)
    parent_code = models.CharField(max_length=9, blank=True)
    is_statistical_unit = models.BooleanField(default=False, help_text="虚拟单元、开发区、园区：不是村或社区")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="region_code_once")]
        indexes = [
            models.Index(fields=["parent_code", "code"], name="region_children"),
            models.Index(fields=["name"], name="region_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RegionChange(ReferenceModel):
    """A code that was renamed, moved, merged or abolished; old rows keep their county key."""

    changed_on = models.DateField()
    old_code = models.CharField(max_length=12, blank=True)
    new_code = models.CharField(max_length=12, blank=True)
    kind = models.CharField(max_length=30)
    words = models.CharField(max_length=300)
    source = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["old_code"], name="region_change_old")]


class RegionShape(CountyModel):
    """A region's point and boundary inside one county: WKB in WGS 84, bounding box in degrees."""

    code = models.CharField(max_length=12)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    boundary = models.BinaryField(null=True)
    min_longitude = models.FloatField(null=True)
    min_latitude = models.FloatField(null=True)
    max_longitude = models.FloatField(null=True)
    max_latitude = models.FloatField(null=True)
    is_approximate = models.BooleanField(default=False, help_text="由村点生成的近似边界")
    source = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="region_shape_once")]
