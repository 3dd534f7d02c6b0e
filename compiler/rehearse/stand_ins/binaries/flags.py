"""Flags as programs of 2016 read them. Does not know what a flag means."""

import sys


def by_pflag(known):
    """Kubernetes' way, spf13/pflag: two dashes, the value behind `=` or as the next word; an unknown flag ends the program with 2."""
    return read(known, lambda word: word[2:] if word.startswith("--") else None, lambda word: f"unknown flag: {word}")


def by_go(known):
    """flannel's way, Go's own package flag: one dash or two."""
    def name(word):
        return word.lstrip("-") if word.startswith("-") else None
    return read(known, name, lambda word: f"flag provided but not defined: {word}")


def read(known, name_of, complaint):
    found, rest = {}, sys.argv[1:]
    while rest:
        word = rest.pop(0)
        name = name_of(word)
        key, equals, value = (name or "").partition("=")
        if name is None or key not in known:
            print(complaint(word.partition("=")[0]), file=sys.stderr)
            sys.exit(2)
        if not equals:
            if not rest:
                print(f"flag needs an argument: {word}", file=sys.stderr)
                sys.exit(2)
            value = rest.pop(0)
        found[key] = value
    return found


def name_process(name):
    with open("/proc/self/comm", "w", encoding="utf-8") as file:
        file.write(name[:15])
