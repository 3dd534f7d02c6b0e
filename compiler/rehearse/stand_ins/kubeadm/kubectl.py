"""`kubectl` for clusters of kubeadm: real kubeconfigs, ConfigMaps, Endpoints, workloads and their rollouts. Nodes and pods are those of
kube_client.py.

Models kubectl's words and exit codes, and of the API server the version of an object: what is written with an older one is refused.
"""

import os
import sys
import urllib.parse
import http.client
import json

sys.path[:0] = ["/stand-ins/kubeadm", "/stand-ins/shared"]
import jsonpath
import kube_client
import kubeconfig
import objects
from kube_client import Refused
from kubeconfig import Broken

WITH_VALUE = {"-o", "-n", "-f", "-l", "-p", "--output", "--namespace", "--type", "--patch", "--patch-file", "--from-file", "--kubeconfig", "--server",
              "--request-timeout", "--timeout", "--for", "--field-selector", "--cluster"}
SHORT = {"--output": "-o", "--namespace": "-n", "--patch": "-p"}


def parse(arguments):
    words, options, rest = [], {}, list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        key, equals, value = word.partition("=")
        if not equals and key in WITH_VALUE:
            value = rest.pop(0)
        options[SHORT.get(key, key)] = value if equals or value else True
    return words, options


class Client(kube_client.Client):
    """As the other one, with a kubeconfig as kubeadm writes it."""

    def config(self):
        return kubeconfig.read(self.path)

    def call(self, method, path, body=None):
        cluster, user = kubeconfig.current(self.config())
        url = urllib.parse.urlsplit(self.server or cluster["server"])
        connection = http.client.HTTPSConnection(url.hostname, url.port or 443, timeout=self.limit or 30, context=kubeconfig.tls(cluster, user))
        headers = {"Authorization": f"Bearer {user['token']}"} if user.get("token") else {}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"Unable to connect to the server: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise Refused(f"Error from server: {answer.status} {content}")
        return content


def config(client, words, options):
    form = options.get("-o", "")
    if words[0] == "current-context":
        print(client.config()["current-context"])
    elif words[0] == "set-cluster" and len(words) == 2:
        set_cluster(client, words[1])
    elif words[0] == "view" and words[1:] == []:
        content = client.config()
        if "--minify" in options:
            content = minified(content)
        if form.startswith("jsonpath="):
            print(jsonpath.printed(content, form.removeprefix("jsonpath=")), end="")
        elif "--raw" in options and form == "":
            print(kubeconfig.yaml.safe_dump(content, width=1000000), end="")
        else:
            raise Refused(f"the stand-in does not know: config {words} {options}")
    else:
        raise Refused(f"the stand-in does not know: config {words} {options}")


def minified(content):
    """The current context and what belongs to it."""
    kubeconfig.current(content)
    context = kubeconfig.named(content, "contexts", content["current-context"])
    wanted = {"contexts": content["current-context"], "clusters": context["cluster"], "users": context["user"]}
    return content | {kind: [each for each in content[kind] if each["name"] == name] for kind, name in wanted.items()}


def set_cluster(client, name):
    """A name is wanted: of the kubeconfig in `cluster-info`, whose cluster has none, nothing can be set so."""
    if not name:
        raise Refused("error: you must specify a non-empty cluster name")
    content = client.config() if os.path.exists(client.path) else {"apiVersion": "v1", "kind": "Config"}
    kubeconfig.set_server(content, name, client.server)
    kubeconfig.write(client.path, content)
    print(f'Cluster "{name}" set.')


def get(client, words, options):
    if "--raw" not in options and objects.is_known(words, options):
        print(objects.got(client, words, options), end="")
    else:
        kube_client.get(client, words, options)


def act(client, verb, words, options):
    if verb == "get":
        get(client, words, options)
    elif (verb, words, options) == ("version", [], {"--client": True}):
        print("Client Version: v1.28.15")
    elif verb == "config":
        config(client, words, options)
    elif verb in ("patch", "replace", "create"):
        {"patch": objects.patch, "replace": objects.replace, "create": objects.create}[verb](client, words, options)
    elif verb == "rollout" and words[:1] in (["restart"], ["status"]):
        {"restart": objects.restart, "status": objects.status}[words[0]](client, words[1:], options)
    elif verb in ("cordon", "uncordon") and len(words) == 1 and not options:
        kube_client.node_of(client, words[0])
        kube_client.cordon(client, words[0], verb == "cordon")
        print(f"node/{words[0]} {verb}ed")
    elif verb in ("label", "taint"):
        kube_client.mark(client, verb, words, options)
    elif verb in ("drain", "wait", "delete"):
        {"drain": kube_client.drain, "wait": kube_client.wait, "delete": kube_client.delete}[verb](client, words, options)
    else:
        raise Refused(f"the stand-in for kubectl does not know: {verb} {words} {options}")


def main(arguments):
    try:
        words, options = parse(arguments)
        client = Client(options, "~/.kube/config")
        act(client, words.pop(0), words, options)
    except (Refused, Broken, jsonpath.BadPath) as error:
        sys.exit(str(error))
    except (IndexError, KeyError, ValueError, FileNotFoundError, TypeError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
