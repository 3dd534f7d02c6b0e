"""A whole plan by Jinja2.

tree.py learn PLAN FOLDER     makes templates of a plan that is there: each text with its machine's words as expressions, and what they are
tree.py render FOLDER OUTPUT  makes the same plan from these, every file of it, and the digests of all

Only the second is measured: all that a plan says has been decided before.
"""
import hashlib
import json
import pathlib
import re
import sys

# Marks that no text of a plan has, in the place of Jinja's braces.
OPEN, CLOSE = "\x02", "\x03"
STEPS = '"steps": [\n'


class Templates:
    """Texts that are the same but for the words of their machine are one template."""

    def __init__(self):
        self.known = {}

    def add(self, text, values):
        text = general(text, values)
        return self.known.setdefault(text, len(self.known))


def general(text, values):
    """The text with an expression wherever one of the values stands."""
    for name in ["name", "address"]:
        if word := values.get(name):
            # A letter before it may be an escape of JSON: \n, \t.
            bounded = rf"(?:(?<![A-Za-z0-9])|(?<=\\[nt])){re.escape(word)}(?![A-Za-z0-9])"
            text = re.sub(bounded, OPEN + name + CLOSE, text)
    for before, name, after in [
        ('"pointer": "', "pointer", '"'),
        ('"line": ', "line", ","),
        ('"column": ', "column", "\n"),
        ('"schedulableNodes": ', "nodes", ","),
        ("# Caused by line ", "line", ","),
        (", column ", "column", " of the spec: "),
        (" of the spec: ", "pointer", ". "),
    ]:
        text = text.replace(f"{before}{values[name]}{after}", before + OPEN + name + CLOSE + after)
    return text


def parts(plan):
    """The text before the steps, that of each step, and what stands after them."""
    head, steps = plan.split(STEPS, 1)
    found, lines, after = [], [], []
    for line in steps.splitlines(keepends=True):
        bare = line.rstrip("\n")
        if after or bare == "  ]":
            after.append(line)
        elif bare in ("    }", "    },"):
            found.append("".join(lines) + "    }")
            lines = []
        else:
            lines.append(line)
    return head + STEPS, found, "".join(after)


def learn(plan, folder):
    plan, folder = pathlib.Path(plan), pathlib.Path(folder)
    document = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    head, texts, tail = parts((plan / "plan.json").read_text(encoding="utf-8"))
    templates, steps, files = Templates(), [], []
    for step, text in zip(document["steps"], texts, strict=True):
        name = step["id"].rsplit("/", 1)[-1]
        machine = document["machines"].get(name)
        values = {"nodes": step["after"]["schedulableNodes"], **step["because"]}
        if machine:
            values |= {"name": name, "address": machine["address"]}
        steps.append([templates.add(text, values), values])
        for path in (artifact["path"] for artifact in step["artifacts"]):
            files.append([general(path, values), templates.add((plan / path).read_text(encoding="utf-8"), values), len(steps) - 1])
    listed = {path.relative_to(plan).as_posix() for path in plan.rglob("*") if path.is_file()}
    listed -= {"plan.json", "SHA256SUMS", *(artifact["path"] for step in document["steps"] for artifact in step["artifacts"])}
    nothing = dict.fromkeys(["name", "address"], "") | dict.fromkeys(["pointer", "line", "column", "nodes"], CLOSE)
    pages = [[path, templates.add((plan / path).read_text(encoding="utf-8"), nothing)] for path in sorted(listed)]
    folder.mkdir()
    texts = {"templates": list(templates.known), "head": head, "tail": tail}
    (folder / "templates.json").write_text(json.dumps(texts), encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps({"steps": steps, "files": files, "pages": pages}), encoding="utf-8")


def render(folder, output):
    import jinja2

    folder, output = pathlib.Path(folder), pathlib.Path(output)
    texts = json.loads((folder / "templates.json").read_bytes())
    plan = json.loads((folder / "plan.json").read_bytes())
    environment = jinja2.Environment(
        variable_start_string=OPEN,
        variable_end_string=CLOSE,
        block_start_string="\x04",
        block_end_string="\x05",
        comment_start_string="\x06",
        comment_end_string="\x0e",
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    templates = [environment.from_string(text) for text in texts["templates"]]
    names = {}
    digests = {}

    def write(path, text):
        path_on_disk = output / path
        path_on_disk.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode("utf-8")
        path_on_disk.write_bytes(content)
        digests[path] = hashlib.sha256(content).hexdigest()

    for path, template, step in plan["files"]:
        values = plan["steps"][step][1]
        if path not in names:
            names[path] = environment.from_string(path)
        write(names[path].render(values), templates[template].render(values))
    for path, template in plan["pages"]:
        write(path, templates[template].render())
    steps = ",\n".join(templates[template].render(values) for template, values in plan["steps"])
    write("plan.json", texts["head"] + steps + "\n" + texts["tail"])
    sums = "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))
    (output / "SHA256SUMS").write_text(sums, encoding="utf-8")


{"learn": learn, "render": render}[sys.argv[1]](*sys.argv[2:])
