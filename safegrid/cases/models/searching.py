"""By which words a case is found."""

from django.db import models

from safegrid.foundation.grams import GramsField
from safegrid.foundation.keys import CountyModel


class CaseWords(CountyModel):
    """The words of one case for searching: its report, its place and its site's name, folded, one a line; ``id`` is the case's.

    Apart from the case, because that one is written at every step and these words almost never. Kept by ``cases.said``.
    """

    text = models.TextField()
    grams = GramsField()
