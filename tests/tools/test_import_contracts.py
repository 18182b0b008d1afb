"""The contract "models stay at home" finds every forbidden import and no other."""

import grimp

from tools.import_contracts import ModelsAtHome


def contract() -> ModelsAtHome:
    options = {"container": "shop", "shared": ["base"]}
    return ModelsAtHome(name="models", session_options={"root_packages": ["shop"]}, contract_options=options)


def broken(*imports: tuple[str, str]) -> list[tuple[str, str]]:
    graph = grimp.ImportGraph()
    for importer, imported in imports:
        for module in (importer, imported):
            if module not in graph.modules:
                graph.add_module(module)
        graph.add_import(importer=importer, imported=imported)
    check = contract().check(graph, verbose=False)
    assert check.kept == (check.metadata["broken"] == [])
    return check.metadata["broken"]


def test_another_context_may_not_import_models() -> None:
    edge = ("shop.orders.services", "shop.goods.models")
    assert broken(edge) == [edge]


def test_a_model_package_is_as_private_as_a_model_module() -> None:
    edge = ("shop.orders.services", "shop.goods.models.stock")
    assert broken(edge) == [edge]


def test_a_page_may_not_import_even_its_own_models() -> None:
    edges = [("shop.goods.api", "shop.goods.models"), ("shop.goods.web.forms", "shop.goods.models")]
    assert broken(*edges) == edges


def test_services_selectors_and_models_of_the_context_may() -> None:
    home = ["services", "selectors", "access", "models.stock"]
    assert broken(*[(f"shop.goods.{module}", "shop.goods.models") for module in home]) == []


def test_base_classes_are_shared_and_tests_may_look_anywhere() -> None:
    assert broken(("shop.goods.models", "shop.base.models"), ("shop.orders.tests.test_it", "shop.goods.models")) == []
