"""The small faults that `tests.mutants` puts in: what a hand slips to, each in one place of a file."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

_OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""What a comparison is mistaken for; an order first for the one that differs where both sides are equal."""
_OTHER_CALCULATION: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutation:
    """One file with one fault on its `line`, which those tests are to notice that reach one of `lines`; any test, where
    there are none. Where it is in a value of the module, `value` is the statement that gives it, `name` what it is
    given to, and `lines` where the file reads it."""

    original: str
    source: str
    line: int
    lines: frozenset[int]
    name: str = ""
    value: str | None = None

    def diff(self) -> str:
        before, after = self.original.splitlines(), self.source.splitlines()
        return "\n".join(
            f"    {row}"
            for row in unified_diff(before, after, n=0, lineterm="")
            if not row.startswith(("---", "+++", "@@"))
        )


def mutations(source: str) -> Iterator[Mutation]:
    raw = source.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        end = node.end_lineno, node.end_col_offset
        assert end[0] is not None
        assert end[1] is not None
        return starts[node.lineno - 1] + node.col_offset, starts[end[0] - 1] + end[1]

    for statement, name in _statements(tree):
        first, last = span(statement)
        read = {n.lineno for n in ast.walk(tree) if name and isinstance(n, ast.Name) and n.id == name}
        for node, text in _slips(statement):
            start, end = span(node)
            yield Mutation(
                source,
                (raw[:start] + text.encode() + raw[end:]).decode(),
                node.lineno,
                frozenset(read if name else range(node.lineno, (node.end_lineno or node.lineno) + 1)),
                name,
                (raw[first:start] + text.encode() + raw[end:last]).decode() if name else None,
            )


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """The functions, and the values of the module with their names. What a class holds of its own is left out."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield node, name
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node, ""
            case ast.ClassDef():
                yield from (
                    (inner, "") for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                )


def _slips(statement: ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Each place, with what may stand there by mistake."""
    for node in _walk(statement):
        for place, mistake in _mistaken(node):
            text = ast.unparse(mistake) if isinstance(mistake, ast.AST) else mistake
            yield place, f"({text})" if isinstance(place, ast.expr) else text


def _mistaken(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST | str]]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=right):
            for index, op in enumerate(ops):
                for other in _OTHER_COMPARISONS.get(type(op), ()):
                    yield node, ast.Compare(left, [*ops[:index], other(), *ops[index + 1 :]], right)
        case ast.BoolOp(op=op, values=values):
            for index in range(len(values)):
                rest = [*values[:index], *values[index + 1 :]]
                yield node, rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.BinOp(left=left, op=sign, right=right_side) if other_sign := _OTHER_CALCULATION.get(type(sign)):
            yield node, ast.BinOp(left, other_sign(), right_side)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, operand
        case ast.IfExp(body=body, orelse=orelse):
            yield node, body
            yield node, orelse
        case ast.Constant(value=bool(value)):
            yield node, repr(not value)
        case ast.Constant(value=int(value)):
            yield node, repr(value + 1)
        case ast.Name(id=name) if name in _OTHER_NAME:
            yield node, _OTHER_NAME[name]
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() as test):
            yield test, ast.UnaryOp(ast.Not(), test)
        case ast.Return(value=ast.Call() | ast.Name() | ast.Attribute()):
            yield node, "return None"
        case ast.comprehension(ifs=[*tests]):
            yield from ((test, "True") for test in tests)
        case ast.match_case(guard=ast.expr() as guard):
            yield guard, "True"
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield node, "pass"
        case ast.ExceptHandler(type=ast.Tuple(elts=errors) as caught):
            yield from ((caught, ast.Tuple([e for e in errors if e is not left_out])) for left_out in errors)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() | ast.Tuple(), *_]):
            yield node, "pass"


def _walk(root: ast.AST) -> Iterator[ast.AST]:
    """What is run of it: no annotations, no decorators, no functions inside, and nothing of an f-string, whose places
    Python does not know before 3.12."""
    for field, value in ast.iter_fields(root):
        if field in {"annotation", "returns", "decorator_list", "defaults", "kw_defaults"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield child
                yield from _walk(child)
