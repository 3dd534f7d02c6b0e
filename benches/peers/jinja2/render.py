"""The files of the workers by Jinja2: render.py FLEET OUTPUT, where FLEET is JSON or YAML."""
import json
import pathlib
import sys

import jinja2

FILES = [("10-prepare", "hosts"), ("60-add-workers", "config.yaml"), ("60-add-workers", "install.env")]


def main(source, output):
    text = pathlib.Path(source).read_text(encoding="utf-8")
    if source.endswith(".yaml"):
        import yaml

        fleet = yaml.load(text, Loader=yaml.CSafeLoader)
    else:
        fleet = json.loads(text)
    loader = jinja2.FileSystemLoader(pathlib.Path(__file__).parent.parent / "templates")
    environment = jinja2.Environment(loader=loader, trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    templates = [(phase, name, environment.get_template(f"{name}.j2")) for phase, name in FILES]
    for machine in fleet["machines"]:
        for phase, name, template in templates:
            folder = pathlib.Path(output, "steps", phase, machine["name"])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(template.render(fleet, machine=machine), encoding="utf-8")


main(*sys.argv[1:])
