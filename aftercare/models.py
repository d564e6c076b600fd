"""What every clinic's row has: its clinic, and references that can't leave it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class TenantModel(models.Model):
    """A row that belongs to one clinic. Children reference their parent by (clinic, id): see TenantForeignKey."""

    is_of_one_clinic: ClassVar[bool] = True

    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference to a row of the same clinic. The database checks (clinic, id) together: see IsolateTenant."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_constraint"]
        return name, path, args, kwargs
