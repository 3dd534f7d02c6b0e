#!/usr/bin/python3 -B
"""Parses YAML and JSON files and prints one line for each that is wrong. Keys that stand twice are wrong."""

import json
import os
import sys

try:
    import yaml
except ImportError:
    sys.exit("reading YAML needs python3-yaml: apt-get install --no-install-recommends python3-yaml")


class Strict(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key} stands twice")
        return super().construct_mapping(node, deep)


def distinct(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the key {key} stands twice")
    return dict(pairs)


for path in sys.argv[1:]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file, object_pairs_hook=distinct) if path.endswith(".json") else list(yaml.load_all(file, Strict))
        if not found:
            raise ValueError("empty")
    except (yaml.YAMLError, ValueError) as error:
        print(f"{os.path.basename(path)}: {' '.join(str(error).split())}")
