"""Lists the mutants that slither-mutate makes of the named contracts, as JSON; run in the tree that holds them.

slither-mutate itself tries one after the other, compiles each twice from nothing and never fails.
"""

import inspect
import json
import logging
import sys
from pathlib import Path

from slither import Slither
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


contracts = {c.name: c for c in slither.contracts if own(c)}
names = sys.argv[1:] or sorted(contracts)
found = []
for name in names:
    if name not in contracts:
        sys.exit(f"there is no contract {name}: {', '.join(sorted(contracts))}")
    contract = contracts[name]
    for mutator in mutators:
        # only `contract` and `in_file` matter: nothing is run from here
        made = mutator(contract.compilation_unit, 0, "", None, contract, None, False, root, [])
        for file, patches in made._mutate().get("patches", {}).items():
            for patch in patches:
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
