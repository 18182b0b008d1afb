"""What phones keep of cases and send about them; offered by ``cases/field.py``. The contract is ``docs/field.md``."""
