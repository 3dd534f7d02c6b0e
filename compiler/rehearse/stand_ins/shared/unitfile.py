"""Reads a service unit the way systemd does: continuations, comments, drop-ins, words, specifiers.

It is responsible for the text alone and knows nothing of processes. What it does not understand is an error, never
skipped: a stand-in that guesses would prove nothing.
"""

import os
import re

DIRECTORIES = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")

SECTIONS = {"Unit", "Service", "Install"}


class UnitError(Exception):
    pass


def full_name(name):
    return name if re.search(r"\.(service|target|timer|socket|mount)$", name) else name + ".service"


def fragment(name):
    """The file that defines the unit, or None."""
    for directory in DIRECTORIES:
        path = os.path.join(directory, full_name(name))
        if os.path.isfile(path):
            return path
    return None


def drop_ins(name):
    """The files that add to the unit."""
    found = []
    for directory in DIRECTORIES:
        extra = os.path.join(directory, full_name(name) + ".d")
        if os.path.isdir(extra):
            found += [os.path.join(extra, each) for each in sorted(os.listdir(extra)) if each.endswith(".conf")]
    return found


def text_of(name):
    """The unit's text with its drop-ins behind it, and the path of its fragment."""
    path = fragment(name)
    if path is None:
        return None, None
    return path, "\n".join(open(each, encoding="utf-8").read() for each in [path, *drop_ins(name)])


def logical_lines(text):
    """Joins lines that end in a backslash. A comment inside a continuation is skipped, as systemd does."""
    whole = None
    for line in text.split("\n"):
        if line.lstrip()[:1] in ("#", ";"):
            continue
        if line.endswith("\\"):
            whole = (whole or "") + line[:-1] + " "
            continue
        yield (whole or "") + line
        whole = None
    if whole is not None:
        yield whole


class Unit:
    def __init__(self, name, path, text):
        self.name, self.path, self.text = full_name(name), path, text
        self.settings = {}
        section = None
        for line in map(str.strip, logical_lines(text)):
            if not line:
                continue
            if line.startswith("["):
                section = line.strip("[]")
                if section not in SECTIONS:
                    raise UnitError(f"{self.name}: the stand-in for systemd does not know section [{section}]")
                continue
            key, equals, value = line.partition("=")
            if not equals:
                raise UnitError(f"{self.name}: missing '=' in line: {line}")
            values = self.settings.setdefault((section, key.strip()), [])
            if value.strip():
                values.append(value.strip())
            else:
                values.clear()

    def all(self, section, key):
        return self.settings.get((section, key), [])

    def last(self, section, key, default=""):
        values = self.all(section, key)
        return values[-1] if values else default

    def specifiers(self, value):
        known = {"n": self.name, "N": self.name.rsplit(".", 1)[0], "p": self.name.rsplit(".", 1)[0].split("@")[0], "H": os.uname().nodename, "%": "%"}

        def replaced(match):
            if match.group(1) not in known:
                raise UnitError(f"{self.name}: the stand-in for systemd does not know the specifier %{match.group(1)}")
            return known[match.group(1)]

        return re.sub(r"%(.)", replaced, value)

    def environment(self):
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        for value in self.all("Service", "Environment"):
            for word in words(self.specifiers(value)):
                name, _, content = word.partition("=")
                variables[name] = content
        for value in self.all("Service", "EnvironmentFile"):
            path = self.specifiers(value.lstrip("-"))
            if not os.path.isfile(path):
                if value.startswith("-"):
                    continue
                raise UnitError(f"{self.name}: Failed to load environment files: {path}: No such file or directory")
            for line in logical_lines(open(path, encoding="utf-8").read()):
                name, equals, content = line.strip().partition("=")
                if equals:
                    variables[name] = "".join(words(content)) if content[:1] in "'\"" else content
        return variables

    def commands(self, key, more=None):
        """(may fail, words) of every command under the key. No shell is involved."""
        variables = self.environment() | (more or {})
        for value in self.all("Service", key):
            prefix = re.match(r"[-@:+!]*", value).group(0)
            if prefix.strip("-+!"):
                raise UnitError(f"{self.name}: the stand-in for systemd does not know the prefix {prefix} of {key}")
            command = []
            for word in words(self.specifiers(value[len(prefix):])):
                if re.fullmatch(r"\$[A-Za-z_]\w*", word):
                    command += variables.get(word[1:], "").split()
                else:
                    command.append(re.sub(r"\$\{(\w+)\}", lambda match: variables.get(match.group(1), ""), word).replace("$$", "$"))
            yield "-" in prefix, command


def words(line):
    """Splits a line as systemd does: blanks separate, both quotes group, a backslash escapes."""
    found, word, quote, index = [], None, None, 0
    while index < len(line):
        letter = line[index]
        if letter == "\\" and index + 1 < len(line):
            index += 1
            word = (word or "") + {"n": "\n", "t": "\t", "s": " "}.get(line[index], line[index])
        elif quote:
            if letter == quote:
                quote = None
            else:
                word += letter
        elif letter in "'\"" and word is None:
            quote, word = letter, ""
        elif letter in " \t":
            if word is not None:
                found.append(word)
            word = None
        else:
            word = (word or "") + letter
        index += 1
    if quote:
        raise UnitError(f"a quote is not closed: {line}")
    return found + ([word] if word is not None else [])


def seconds(value):
    """A time span in seconds; None for none at all."""
    if value in ("infinity", "0"):
        return None
    factors = {"": 1, "s": 1, "sec": 1, "ms": 0.001, "min": 60, "m": 60, "h": 3600}
    total = 0.0
    for number, unit in re.findall(r"([\d.]+)\s*([a-z]*)", value):
        total += float(number) * factors[unit]
    return total
