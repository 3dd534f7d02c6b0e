#!/usr/bin/python3 -B
"""Reads each text as YAML 1.1, and prints the names of those that hold other values than the ones that were meant."""

import json
import sys

try:
    import yaml
except ImportError:
    sys.exit("reading YAML needs python3-yaml: apt-get install --no-install-recommends python3-yaml")


def same(found, meant):
    """Equal in type as well: 1 is no truth value, and a date is no text."""
    if isinstance(found, dict) and isinstance(meant, dict):
        return list(found) == list(meant) and all(same(found[key], meant[key]) for key in meant)
    if isinstance(found, list) and isinstance(meant, list):
        return len(found) == len(meant) and all(map(same, found, meant))
    return type(found) is type(meant) and found == meant


for line in open(sys.argv[1], encoding="utf-8"):
    one = json.loads(line)
    try:
        found = list(yaml.safe_load_all(one["text"]))
    except yaml.YAMLError as error:
        print(json.dumps(f"{one['name']}: {error}"))
        continue
    if not same(found, one["meant"]):
        print(json.dumps(f"{one['name']}: a reader of YAML 1.1 finds {found}"[:600]))
