"""ConfigMaps and namespaces of the cluster, for the stand-in for kubectl: read, made from literals, put in place. Other objects are not."""

import sys

import jsonpath
import yaml


class Refused(Exception):
    pass


def got(client, kind, words, options):
    namespace, form = options.pop("-n", "default"), options.pop("-o", "")
    missing_is_fine = options.pop("--ignore-not-found", False)
    if options or len(words) != 2:
        raise Refused(f"the stand-in for kubectl gets one of {kind} by name: {words} {options}")
    key = f"/registry/{kind}/{words[1]}" if kind == "namespaces" else f"/registry/{kind}/{namespace}/{words[1]}"
    item = client.state().objects.get(key)
    if item is None:
        if missing_is_fine:
            return ""
        raise Refused(f'Error from server (NotFound): {kind} "{words[1]}" not found')
    if form.startswith("jsonpath="):
        return jsonpath.printed(item, form.removeprefix("jsonpath="))
    if form == "yaml":
        return yaml.safe_dump(item, sort_keys=False)
    raise Refused(f"the stand-in for kubectl does not print {kind} as {form!r}")


def create(client, words, options):
    """`create configmap NAME --from-literal=KEY=VALUE --dry-run=client -o yaml`: nothing is asked of the server."""
    literal = options.get("--from-literal", "")
    if words[:1] != ["configmap"] or options.get("--dry-run") != "client" or options.get("-o") != "yaml" or "=" not in literal:
        raise Refused(f"the stand-in for kubectl does not create {words} {options}")
    key, _, value = literal.partition("=")
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": words[1], "namespace": options.get("-n", "default")}, "data": {key: value}}
    print(yaml.safe_dump(item, sort_keys=False), end="")


def apply(client, words, options):
    if words or options.get("-f") != "-":
        raise Refused("the stand-in for kubectl applies standard input alone")
    item = yaml.safe_load(sys.stdin.read())
    metadata = item["metadata"]
    if item["kind"] != "ConfigMap":
        raise Refused(f"the stand-in for kubectl does not apply a {item['kind']}")
    key = f"/registry/configmaps/{metadata.get('namespace') or options.get('-n', 'default')}/{metadata['name']}"
    # What the applied text does not say of others' fields stays.
    before = client.state().objects.get(key) or {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {}}
    client.call("PUT", key, before | {"data": before["data"] | (item.get("data") or {})})
    print(f"configmap/{metadata['name']} serverside-applied")
