"""`kubectl` of 1.2 on the workstation of a cluster of binaries: exactly the calls that plans make, and no other.

Models the words and exit codes of Kubernetes 1.2: there is no `--request-timeout` yet, `patch` is strategic, tables are what they were.
A kubeconfig has its real shape. Anything that it does not know ends with 1.
"""

import os
import sys

import yaml

sys.path[:0] = ["/stand-ins/binaries", "/stand-ins/kubeadm", "/stand-ins/shared"]
import jsonpath
import kubeconfig
import rolling
from api import Answered, Api, Unreached, is_ready
from rolling import Refused

SHORT = {"-n": None, "--output": "-o", "--filename": "-f", "--selector": "-l", "--patch": "-p"}
WITH_VALUE = {"-o", "-f", "-l", "-p", "--namespace", "--server", "--kubeconfig", "--replicas", "--update-period", "--cluster", "--user", "--context"}
PLAIN = {"--no-headers", "--all-namespaces", "--raw", "--minify", "--help"}
KINDS = {"node": "nodes", "no": "nodes", "pod": "pods", "po": "pods", "rc": "replicationcontrollers", "replicationcontroller": "replicationcontrollers",
         "svc": "services", "service": "services", "ep": "endpoints", "namespace": "namespaces"}


def parse(arguments):
    words, options, rest = [], {}, list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        key, equals, value = word.partition("=")
        key = SHORT.get(key, key)
        if key in WITH_VALUE:
            options[key] = value if equals else rest.pop(0)
        elif key in PLAIN:
            options[key] = True
        else:
            raise Refused(f"Error: unknown flag: {word}")
    return words, options


class Client:
    """Whom a call goes to: the flag, or the kubeconfig."""

    def __init__(self, options):
        self.path = options.pop("--kubeconfig", None) or os.environ.get("KUBECONFIG") or os.path.expanduser("~/.kube/config")
        self.server, self.namespace = options.pop("--server", None), options.pop("--namespace", "default")

    def config(self):
        return kubeconfig.read(self.path) if os.path.exists(self.path) else {}

    def api(self):
        if self.server:
            return Api(self.server, 30)
        content = self.config()
        context = kubeconfig.named(content, "contexts", content.get("current-context"))
        return Api(kubeconfig.named(content, "clusters", context["cluster"])["server"], 30)


def kind_of(word):
    kind = KINDS.get(word, word)
    if kind not in KINDS.values():
        raise Refused(f'the server doesn\'t have a resource type "{word}"')
    return kind


def must_get(client, kind, name):
    item = client.api().get(kind, None if kind in ("nodes", "namespaces") else client.namespace, name)
    if item is None:
        raise Refused(f'Error from server: {kind} "{name}" not found')
    return item


def get(client, words, options):
    kind, form = kind_of(words[0]), options.pop("-o", "")
    plain, everywhere, selector = options.pop("--no-headers", False), options.pop("--all-namespaces", False), options.pop("-l", None)
    if options or len(words) > 2:
        raise Refused(f"the stand-in for kubectl does not know: get {words} {options}")
    if len(words) == 2:
        shown = must_get(client, kind, words[1])
    else:
        namespace = None if everywhere or kind in ("nodes", "namespaces") else client.namespace
        shown = {"apiVersion": "v1", "kind": "List", "items": client.api().items(kind, namespace, selector), "metadata": {}}
    if form.startswith("jsonpath="):
        print(jsonpath.printed(shown, form.removeprefix("jsonpath=")), end="")
    elif form == "yaml":
        print(yaml.safe_dump(shown, default_flow_style=False, width=1000000), end="")
    elif form == "" and kind in ("nodes", "services"):
        items = shown["items"] if "items" in shown else [shown]
        print(("" if plain else "NAME STATUS AGE\n") + "".join(f"{item['metadata']['name']:<10} {state(kind, item)}   1d\n" for item in items), end="")
    else:
        raise Refused(f"the stand-in for kubectl does not print {kind} as {form!r}")


def state(kind, item):
    if kind != "nodes":
        return item["spec"].get("clusterIP", "<none>")
    return ("Ready" if is_ready(item) else "NotReady") + (",SchedulingDisabled" if item["spec"].get("unschedulable") else "")


def config(client, words, options):
    content, form = client.config(), options.pop("-o", "")
    if words[0] == "current-context":
        if not content.get("current-context"):
            raise Refused("error: current-context is not set")
        print(content["current-context"])
    elif words[0] == "set-cluster" and len(words) == 2 and words[1]:
        set_cluster(client, content, words[1])
    elif words == ["view"]:
        view(content, options, form)
    else:
        raise Refused(f"the stand-in does not know: config {words} {options}")


def set_cluster(client, content, name):
    kubeconfig.set_server(content, name, client.server)
    kubeconfig.write(client.path, content)
    print(f'cluster "{name}" set.')


def view(content, options, form):
    if options.pop("--minify", False):
        context = kubeconfig.named(content, "contexts", content.get("current-context"))
        wanted = {"contexts": content["current-context"], "clusters": context["cluster"]}
        content = content | {kind: [each for each in content[kind] if each["name"] == name] for kind, name in wanted.items()}
    if form.startswith("jsonpath="):
        print(jsonpath.printed(content, form.removeprefix("jsonpath=")), end="")
    elif form == "" and options.pop("--raw", False) is True:
        print(yaml.safe_dump(content, width=1000000), end="")
    else:
        raise Refused(f"the stand-in does not know: config view {options} {form}")


def patch(client, words, options):
    kind, name = kind_of(words[0]), words[1]
    must_get(client, kind, name)
    client.api().call("PATCH", Api.path(kind, client.namespace, name), yaml.safe_load(options.pop("-p")))
    print(f'"{name}" patched')


def create(client, _words, options):
    with open(options.pop("-f"), encoding="utf-8") as file:
        item = yaml.safe_load(file)
    kind, name = kind_of(item["kind"].lower()), item["metadata"]["name"]
    client.api().create(kind, item["metadata"].get("namespace", client.namespace), item)
    print(f'{item["kind"].lower()} "{name}" created')


def scale(client, words, options):
    item = must_get(client, kind_of(words[0]), words[1])
    item["spec"]["replicas"] = int(options.pop("--replicas"))
    client.api().replace("replicationcontrollers", client.namespace, item)
    print(f'replicationcontroller "{words[1]}" scaled')


def delete(client, words, options):
    """kubectl itself scales a controller to none before it deletes it, and waits for that."""
    if kind_of(words[0]) != "replicationcontrollers" or options:
        raise Refused(f"the stand-in does not delete {words} {options}")
    must_get(client, "replicationcontrollers", words[1])
    rolling.scaled(client.api(), client.namespace, words[1], 0)
    client.api().delete("replicationcontrollers", client.namespace, words[1])
    print(f'replicationcontroller "{words[1]}" deleted')


def roll(client, words, options):
    if options.pop("--help", False):
        return print("Perform a rolling update of the given ReplicationController.")
    period = rolling.seconds(options.pop("--update-period", "1m"))
    with open(options.pop("-f"), encoding="utf-8") as file:
        item = yaml.safe_load(file)
    return rolling.update(client.api(), client.namespace, words[0], item, period)


ACTS = {"get": get, "config": config, "patch": patch, "create": create, "scale": scale, "delete": delete, "rolling-update": roll}


def main(arguments):
    jsonpath.maps_are_strict = True
    try:
        words, options = parse(arguments)
        client = Client(options)
        verb = words.pop(0)
        if verb not in ACTS:
            raise Refused(f'error: unknown command "{verb}" for "kubectl"')
        ACTS[verb](client, words, options)
        if options:
            raise Refused(f"the stand-in for kubectl does not know: {verb} {words} {options}")
    except Unreached as error:
        sys.exit(f"The connection to the server was refused - did you specify the right host or port? {error}")
    except Answered as error:
        sys.exit(f"Error from server: {error}")
    except (Refused, kubeconfig.Broken, jsonpath.BadPath) as error:
        sys.exit(str(error))
    except (IndexError, KeyError, ValueError, FileNotFoundError, TypeError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
