"""Import-linter contract of our own: a context's models are its private matter."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

DOORS = {"api", "web"}
EXEMPT = {"tests", "migrations", "conftest"}


class ModelsAtHome(Contract):  # type: ignore[misc]
    """``<container>.<context>.models`` is imported by its own context only, and there not by ``api`` or ``web``.

    Contexts in ``shared`` (base classes without a domain) may be imported by all; tests may look anywhere.
    """

    type_name = "models_at_home"
    container = fields.StringField()
    shared = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        prefix = f"{self.container}."
        broken: list[tuple[str, str]] = []
        for module in sorted(graph.modules):
            parts = module.removeprefix(prefix).split(".")
            if not module.startswith(prefix) or parts[1:2] != ["models"] or parts[0] in self.shared:
                continue
            importers = sorted(graph.find_modules_that_directly_import(module))
            broken += [(name, module) for name in importers if not self._allowed(name, prefix, parts[0])]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _allowed(self, importer: str, prefix: str, context: str) -> bool:
        parts = importer.removeprefix(prefix).split(".")
        if EXEMPT & set(parts):
            return True
        return importer.startswith(f"{prefix}{context}.") and parts[1] not in DOORS

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} imports {imported}: go through its selectors and services", bold=False)
