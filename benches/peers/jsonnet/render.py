"""The files of the workers by gojsonnet: render.py FLEET OUTPUT, where FLEET is JSON."""
import json
import pathlib
import sys

import _gojsonnet


def main(source, output):
    program = pathlib.Path(__file__).parent / "fleet.jsonnet"
    fleet = pathlib.Path(source).read_text(encoding="utf-8")
    for path, text in json.loads(_gojsonnet.evaluate_file(str(program), ext_codes={"fleet": fleet})).items():
        file = pathlib.Path(output, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


main(*sys.argv[1:])
