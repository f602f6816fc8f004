"""Lists the mutants that slither-mutate makes of the named contracts, as JSON; run in the tree that holds them.

slither-mutate itself tries one after the other, compiles each twice from nothing and never fails.
"""

import inspect
import json
import logging
import sys
from pathlib import Path

from slither import Slither
from slither.core.cfg.node import NodeType
from slither.core.expressions.binary_operation import BinaryOperation, BinaryOperationType as Operation
from slither.tools.mutator.mutators import all_mutators
from slither.tools.mutator.mutators.abstract_mutator import AbstractMutator

logging.disable(logging.CRITICAL)
slither = Slither(".", compile_force_framework="foundry", foundry_out_directory="cache/forge/default/out")
mutators = [m for _, m in inspect.getmembers(all_mutators, inspect.isclass) if issubclass(m, AbstractMutator) and m.NAME]
root = Path.cwd()


def own(contract):
    return Path(contract.source_mapping.filename.absolute).is_relative_to(root / "contracts") and not contract.is_interface


def function_at(contract, offset):
    for function in contract.functions_and_modifiers_declared:
        begin = function.source_mapping.start
        if begin <= offset < begin + function.source_mapping.length:
            return f"{contract.name}.{function.name}"
    return contract.name


# what else a relation could be by an easy mistake; its opposite is made by others, and kills none that these leave
RELATIONS = {
    Operation.LESS: (Operation.LESS_EQUAL, Operation.NOT_EQUAL),
    Operation.LESS_EQUAL: (Operation.LESS, Operation.EQUAL),
    Operation.GREATER: (Operation.GREATER_EQUAL, Operation.NOT_EQUAL),
    Operation.GREATER_EQUAL: (Operation.GREATER, Operation.EQUAL),
    Operation.EQUAL: (Operation.LESS_EQUAL, Operation.GREATER_EQUAL),
    Operation.NOT_EQUAL: (Operation.LESS, Operation.GREATER),
}
OPPOSITES = {Operation.EQUAL: Operation.NOT_EQUAL, Operation.NOT_EQUAL: Operation.EQUAL}


def relations(contract):
    """Relations replaced by others: slither's own ROR spoils each that is part of a longer condition."""
    for function in contract.functions_and_modifiers_declared:
        seen = set()
        for node, ir in ((node, ir) for node in function.nodes for ir in node.irs):
            whole = ir.expression
            if not isinstance(whole, BinaryOperation) or whole.type not in RELATIONS:
                continue
            source = whole.source_mapping
            start, end = source.start, source.start + source.length
            if (start, end) in seen:
                continue
            seen.add((start, end))
            file = Path(source.filename.absolute)
            text = file.read_bytes()
            left = whole.expression_left.source_mapping
            head, tail = text[start : left.start + left.length].decode(), text[left.start + left.length : end].decode()
            if str(whole.type) not in tail:
                continue  # assembly names its relations
            ordered = str(ir.variable_left.type).startswith(("uint", "int")) and tail.split()[-1] != "0"
            for other in RELATIONS[whole.type] if ordered else [OPPOSITES.get(whole.type, whole.type)]:
                # a loop that counts up by one meets its bound exactly: `i != n` ends it where `i < n` does
                if node.type == NodeType.IFLOOP and (whole.type, other) == (Operation.LESS, Operation.NOT_EQUAL):
                    continue
                yield {
                    "contract": contract.name,
                    "where": f"{contract.name}.{function.name}",
                    "mutator": "ROR",
                    "file": str(file.relative_to(root)),
                    "line": source.lines[0],
                    "start": start,
                    "end": end,
                    "old": head + tail,
                    "new": head + tail.replace(str(whole.type), str(other), 1),
                }


def says_something(mutator, old, new):
    """Not so where the compiler alone would refuse it, or where nothing that runs is changed."""
    if mutator == "FHR":  # slither puts the body behind the changed header twice: none compiles
        return False
    if mutator == "SBR":
        # how wide the type of a constant is: one that does not fit is refused by the compiler, and the others mean the same
        # no list that a call can carry is longer than 128 bits count
        counts = new == old.replace("uint256 i = 0", "uint128 i = 0", 1)
        return ("immutable" not in new or "immutable" in old) and " constant " not in old and not counts
    if mutator == "MIA":  # weaker than both `true` and `false`
        return not new.startswith("!(")
    if mutator == "UOR":  # nobody reads what the step of a loop answers
        return (old, new) != ("++i", "i++")
    if mutator == "MVIV":  # what is not set is 0
        return not old.endswith("= 0")
    return not (mutator == "RR" and " constant " in old)


contracts = {c.name: c for c in slither.contracts if own(c)}
names = sys.argv[1:] or sorted(contracts)
found = []
for name in names:
    if name not in contracts:
        sys.exit(f"there is no contract {name}: {', '.join(sorted(contracts))}")
    contract = contracts[name]
    found.extend(relations(contract))
    for mutator in mutators:
        if mutator.NAME == "ROR":
            continue
        # only `contract` and `in_file` matter: nothing is run from here
        made = mutator(contract.compilation_unit, 0, "", None, contract, None, False, root, [])
        for file, patches in made._mutate().get("patches", {}).items():
            for patch in patches:
                if not says_something(mutator.NAME, patch["old_string"], patch["new_string"]):
                    continue
                found.append(
                    {
                        "contract": name,
                        "where": function_at(contract, patch["start"]),
                        "mutator": mutator.NAME,
                        "file": str(Path(file).relative_to(root)),
                        "line": patch["line_number"],
                        "start": patch["start"],  # in bytes, as the end
                        "end": patch["end"],
                        "old": patch["old_string"],
                        "new": patch["new_string"],
                    }
                )
json.dump(found, sys.stdout)
