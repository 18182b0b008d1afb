"""Reads one SQL statement and tells which of its tables are tied to a county. Enough grammar for what Django writes.

A table is tied when its alias has ``county = value`` or ``county IN (values)``, or ``county = other.county`` with a
tied other. Conditions count only where they always hold: in WHERE, in ON, in every branch of an OR; never under NOT,
and a range never. Aliases live in their own SELECT; a subquery sees those around it, not the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|%\(\w+\)s|%s|[\w$]+(?:\.\d+)?|::|<=|>=|<>|!=|\|\||.""", re.DOTALL)
_LIST = re.compile(r"(?:%s, )+%s")
Token = str | list["Token"]  # a list is what stood in parentheses

_VERBS = {"SELECT", "UPDATE", "DELETE", "WITH", "VALUES"}
_SETS = {"UNION", "INTERSECT", "EXCEPT"}
_CLAUSES = {
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FOR",
    "RETURNING",
    "WINDOW",
    "FETCH",
    "SET",
    "FROM",
}
_JOINS = {"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "OUTER"}

Ties = set[tuple[str, str]]  # (alias, "") tied to a value, (alias, alias) tied to each other


def untied(sql: str, owned: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the tables among ``owned`` that ``sql`` reads or writes without a county, sorted."""
    tokens = _nest(iter(t for t in _TOKEN.findall(_LIST.sub("%s", sql)) if not t.isspace()))
    found: set[str] = set()
    if _word(tokens, 0) == "INSERT":  # its rows carry their county; what it selects from must name one
        start = next((i for i in range(len(tokens)) if _word(tokens, i) in ("SELECT", "WITH")), len(tokens))
        tokens = tokens[start:]
    elif _word(tokens, 0) == "EXPLAIN":
        start = next((i for i in range(len(tokens)) if _word(tokens, i) in _VERBS), len(tokens))
        tokens = tokens[start:]
    if _word(tokens, 0) in _VERBS or (tokens and isinstance(tokens[0], list)):
        _statement(tokens, {}, owned, found)
    return tuple(sorted(found))


def _nest(tokens: Iterator[str]) -> list[Token]:
    nested: list[Token] = []
    for piece in tokens:
        if piece == "(":
            nested.append(_nest(tokens))
        elif piece == ")":
            break
        else:
            nested.append(piece)
    return nested


def _word(tokens: list[Token], index: int) -> str:
    piece = tokens[index] if 0 <= index < len(tokens) else ""
    return piece.upper() if isinstance(piece, str) else ""


def _name(piece: Token) -> str:
    return (
        piece.strip('"')
        if isinstance(piece, str) and (piece[0] == '"' or piece[0].isalpha() or piece[0] == "_")
        else ""
    )


@dataclass
class _Scope:
    """One SELECT, UPDATE or DELETE: its tables by alias, and what its conditions tie."""

    tables: dict[str, str] = field(default_factory=dict)
    conditions: list[list[Token]] = field(default_factory=list)


def _statement(tokens: list[Token], around: Mapping[str, bool], owned: frozenset[str], found: set[str]) -> None:
    part: list[Token] = []
    for index, piece in enumerate(tokens):
        if _word(tokens, index) in _SETS:
            _query(part, around, owned, found)
            part = []
        else:
            part.append(piece)
    _query(part, around, owned, found)


def _query(tokens: list[Token], around: Mapping[str, bool], owned: frozenset[str], found: set[str]) -> None:
    scope = _Scope()
    _read_clauses(tokens, scope)
    tied = {alias for alias, known in around.items() if known and alias not in scope.tables}
    ties: Ties = set()
    for condition in scope.conditions:
        ties |= _ties(condition, scope)
    grew = True
    while grew:
        more = {a for a, b in ties if not b or b in tied} | {b for a, b in ties if b and a in tied}
        # Only an alias of this scope can become tied here: an inner condition says nothing of the outer row.
        more &= set(scope.tables)
        grew = not more <= tied
        tied |= more
    found |= {table for alias, table in scope.tables.items() if table in owned and alias not in tied}
    within = {**around, **{alias: alias in tied for alias in scope.tables}}
    for inner in _subqueries(tokens):
        _statement(inner, within, owned, found)


def _subqueries(tokens: list[Token]) -> Iterator[list[Token]]:
    for piece in tokens:
        if isinstance(piece, list):
            if _word(piece, 0) in _VERBS:
                yield piece
            else:
                yield from _subqueries(piece)


def _read_clauses(tokens: list[Token], scope: _Scope) -> None:
    clause, run = _word(tokens, 0), list[Token]()
    for index in range(len(tokens) + 1):
        word = _word(tokens, index)
        distinct_from = word == "FROM" and _word(tokens, index - 1) == "DISTINCT"  # IS DISTINCT FROM
        if index == len(tokens) or (word in _CLAUSES and not distinct_from):
            _clause(clause, run, scope)
            clause, run = word, []
        elif index:
            run.append(tokens[index])


def _clause(clause: str, tokens: list[Token], scope: _Scope) -> None:
    if clause == "WHERE":
        scope.conditions.append(tokens)
    elif clause in ("FROM", "UPDATE"):
        _read_tables(tokens, scope)


def _read_tables(tokens: list[Token], scope: _Scope) -> None:
    """Read ``"a" AS x INNER JOIN "b" ON (…), "c"``: tables go to their aliases, ON to the conditions."""
    index, expect_table = 0, True
    while index < len(tokens):
        word = _word(tokens, index)
        if word == "ON":
            end = index + 1
            while end < len(tokens) and tokens[end] != "," and _word(tokens, end) not in _JOINS:
                end += 1
            scope.conditions.append(tokens[index + 1 : end])
            index = end
            continue
        if word == "," or word in _JOINS:
            expect_table = True
        elif expect_table and word not in ("ONLY", "LATERAL"):
            index, expect_table = _read_table(tokens, index, scope), False
            continue
        index += 1


def _read_table(tokens: list[Token], index: int, scope: _Scope) -> int:
    piece = tokens[index]
    if isinstance(piece, list) and _word(piece, 0) not in _VERBS:
        _read_tables(piece, scope)  # a join in parentheses
        return index + 1
    table, index = ("" if isinstance(piece, list) else _name(piece)), index + 1
    if index + 1 < len(tokens) and tokens[index] == ".":  # schema.table
        table, index = _name(tokens[index + 1]), index + 2
    index += _word(tokens, index) == "AS"
    word = _word(tokens, index)
    alias = table
    if word and word not in _JOINS and word not in ("ON", ",", "USING", "SET") and _name(tokens[index]):
        alias, index = _name(tokens[index]), index + 1
    if alias:
        scope.tables[alias] = table
    return index


def _ties(tokens: list[Token], scope: _Scope) -> Ties:
    """Return what a condition ties whenever it holds."""
    branches = _split(tokens, "OR")
    if len(branches) > 1:
        return set.intersection(*(_ties(branch, scope) for branch in branches))
    parts = _split(tokens, "AND")
    if len(parts) > 1:
        return set[tuple[str, str]]().union(*(_ties(part, scope) for part in parts))
    if len(tokens) == 1 and isinstance(tokens[0], list):
        return _ties(tokens[0], scope)
    return _tie(tokens, scope)


def _split(tokens: list[Token], word: str) -> list[list[Token]]:
    """Split at AND or OR, leaving BETWEEN … AND … and CASE … END whole."""
    parts: list[list[Token]] = [[]]
    cases = betweens = 0
    for index, piece in enumerate(tokens):
        this = _word(tokens, index)
        cases += (this == "CASE") - (this == "END")
        betweens += this == "BETWEEN"
        if this == "AND" and betweens and not cases:
            betweens -= 1
        elif this == word and not cases:
            parts.append([])
            continue
        parts[-1].append(piece)
    return parts


def _tie(tokens: list[Token], scope: _Scope) -> Ties:
    left, index = _county_of(tokens, 0, scope)
    operator = _word(tokens, index)
    rest = tokens[index + 1 :]
    if len(rest) == 1 and isinstance(rest[0], list) and operator == "=" and _word(rest[0], 0) not in _VERBS:
        rest = rest[0]
    if not left:  # value = alias.county
        right, end = _county_of(tokens, 2, scope)
        whole = len(tokens) > 2 and tokens[1] == "=" and end == len(tokens)
        return {(right, "")} if right and whole and _is_value(tokens[:1]) else set()
    if operator == "=":
        right, end = _county_of(rest, 0, scope)
        if right and end == len(rest):
            return {(left, right)}
        return {(left, "")} if _is_value(rest) else set()
    if operator == "IN" and len(rest) == 1 and isinstance(rest[0], list):
        return {(left, "")} if all(_is_value([item]) for item in rest[0] if item != ",") else set()
    return set()


def _county_of(tokens: list[Token], index: int, scope: _Scope) -> tuple[str, int]:
    """Return the alias of ``alias.county`` (or of a bare ``county`` in a scope of one table) and where it ends."""
    names = [_name(piece) if piece != "." else "." for piece in tokens[index : index + 3]]
    if len(names) == 3 and names[1] == "." and names[2] == "county":
        return names[0], index + 3
    if names[:1] == ["county"] and len(scope.tables) == 1:
        return next(iter(scope.tables)), index + 1
    return "", index


def _is_value(tokens: list[Token]) -> bool:
    """Is it a parameter or a number, with or without a cast?"""
    if len(tokens) == 3 and tokens[1] == "::":
        tokens = tokens[:1]
    if len(tokens) == 1 and isinstance(tokens[0], list):
        return _is_value(tokens[0])
    piece = tokens[0] if len(tokens) == 1 else ""
    return isinstance(piece, str) and (piece.startswith(("%s", "%(")) or piece == "?" or piece.isdigit())
