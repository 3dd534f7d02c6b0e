"""What the scripts of 2016 write on machines and into the cluster, as text: units, files of flags, objects. Who gets it is decided elsewhere.

Models the scripts of DomeOS (openxxs/domeos-k8s-deploy, June 2016) in the names of files, units and variables. Two things differ: no
variable of etcd begins with ETCD_, since etcd 3.4 ends when a flag is given twice so; and etcd serves its v2 API on demand.
"""

SYSCONFIG, UNITS = "/etc/sysconfig", "/lib/systemd/system"


def unit(description, name, binary, variables, more="", install="", kind="simple"):
    """Without [Install], as those scripts have it."""
    words = "".join(f" \\\n    ${each}" for each in variables)
    return (f"[Unit]\nDescription={description}\nAfter=network.target\n{more}\n[Service]\nType={kind}\nEnvironmentFile=-{SYSCONFIG}/{name}\n"
            f"ExecStart={binary}{words}\nRestart=always\nLimitNOFILE=65536\n{install}")


def service(description, name, binary, settings, **more):
    """The unit, and the file that its flags lie in."""
    text = "".join(f"{key}={value}\n" for key, value in settings.items())
    return {f"{UNITS}/{name}.service": unit(description, name, binary, settings, **more), f"{SYSCONFIG}/{name}": f"# {description}\n{text}"}


def quoted(flags):
    return "'" + " ".join(f"--{key}={value}" for key, value in flags.items()) + "'"


def etcd(binary, name, address, etcd_settings, members):
    """`start_etcd.sh`: each variable holds a whole flag, with one dash."""
    client, peer = etcd_settings["clientPort"], etcd_settings["peerPort"]
    values = {"MEMBER_NAME": f"-name {name}", "INITIAL_ADVERTISE_PEER_URLS": f"-initial-advertise-peer-urls http://{address}:{peer}",
              "LISTEN_PEER_URLS": f"-listen-peer-urls http://0.0.0.0:{peer}", "ADVERTISE_CLIENT_URLS": f"-advertise-client-urls http://{address}:{client}",
              "LISTEN_CLIENT_URLS": f"-listen-client-urls http://0.0.0.0:{client}", "INITIAL_CLUSTER_TOKEN": f"-initial-cluster-token {etcd_settings['clusterToken']}",
              "INITIAL_CLUSTER": f"-initial-cluster {members}", "INITIAL_CLUSTER_STATE": "-initial-cluster-state new",
              "DATA_DIR": f"-data-dir {etcd_settings['dataDir']}"}
    flags = etcd_settings.get("flags", {})
    values |= {"MEMBER_OPTS": " ".join(f"-{key}={value}" for key, value in flags.items())}
    return service("etcd", "etcd", binary, {key: f"'{value}'" for key, value in values.items()}, kind="notify")


def master(settings, etcd_urls, own_url):
    binaries = settings["binaryDirectory"]
    server, manager, scheduler = settings["apiServer"], settings["controllerManager"], settings["scheduler"]
    files = service("Kubernetes API server", server["unit"], f"{binaries}/kube-apiserver",
                    {"ETCD_SERVERS": f"'--etcd-servers={','.join(etcd_urls)}'", "INSECURE_PORT": f"'--insecure-port={settings['apiServerPort']}'",
                     "KUBE_APISERVER_OPTS": quoted(server["flags"])})
    for each, binary, variable in ((manager, "kube-controller-manager", "KUBE_CONTROLLER_OPTS"), (scheduler, "kube-scheduler", "KUBE_SCHEDULER_OPTS")):
        files |= service(binary, each["unit"], f"{binaries}/{binary}", {"KUBE_MASTER": f"'--master={own_url}'", variable: quoted(each["flags"])})
    return files | proxy(settings, settings["proxy"]["unit"], own_url)


def proxy(settings, name, server):
    flags = settings["proxy"]["flags"]
    return service("kube-proxy", name, f"{settings['binaryDirectory']}/kube-proxy", {"KUBE_MASTER": f"'--master={server}'", "KUBE_PROXY_OPTS": quoted(flags)})


def flannel(settings, etcd_urls):
    """docker asks for it where there is docker: `RequiredBy=`."""
    given = settings["flannel"]
    values = {given["setting"]["variable"]: f'"{",".join(etcd_urls)}"', "FLANNEL_ETCD_KEY": f'"{given["prefix"]}"', "FLANNEL_OPTIONS": quoted(given["flags"])}
    text = "".join(f"{key}={value}\n" for key, value in values.items())
    name, file = given["unit"], given["setting"]["file"]
    command = f"{given['binary']} -etcd-endpoints=${{{given['setting']['variable']}}} -etcd-prefix=${{FLANNEL_ETCD_KEY}} $FLANNEL_OPTIONS"
    return {file: text, f"{UNITS}/{name}.service": f"[Unit]\nDescription=flannel\nAfter=network.target\nBefore=docker.service\n\n[Service]\nEnvironmentFile=-{file}\n"
            f"ExecStart={command}\nRestart=always\n\n[Install]\nRequiredBy=docker.service\n"}


def node(settings, name, server):
    kubelet, proxied = settings["kubelet"], settings["nodeProxy"]
    files = service("kubelet", kubelet["unit"], f"{settings['binaryDirectory']}/kubelet",
                    {kubelet["variable"]: f"'--{kubelet['flag']}={server}'", "CLUSTER_DNS": "'--cluster-dns=172.16.40.1'", "CLUSTER_DOMAIN": "'--cluster-domain=domeos.local'",
                     "ROOT_DIR": "'--root-dir=/var/lib/kubelet'", "HOSTNAME_OVERRIDE": f"'--hostname-override={name}'", "KUBELET_OPTS": "'--allow-privileged=true'"})
    docker = (f"[Unit]\nDescription=docker\nAfter={settings['flannel']['unit']}.service\n\n[Service]\nEnvironmentFile=/run/flannel/subnet.env\n"
              "ExecStart=/usr/bin/dockerd\nRestart=always\n")
    return files | proxy(settings, proxied["unit"], server) | {f"{UNITS}/docker.service": docker}


def controller(name, namespace, labels, replicas, container):
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {"kind": "ReplicationController", "metadata": metadata, "spec": {"replicas": replicas, "selector": labels, "template": template}}


def dns(settings, etcd_urls, server):
    """kube2sky of one member, skydns of all; the service selects the version too, which is what has to be given up before a roll."""
    given = settings["dns"]
    one = {"name": given["kube2sky"], "image": given["kube2skyImage"], "command": ["/kube2sky"],
           "args": [f"--etcd-server={etcd_urls[0]}", f"--domain={given['domain']}", f"--kube_master_url={server}"]}
    nameservers = ",".join(f"{each}:53" for each in given["nameservers"])
    other = {"name": given["skydns"], "image": given["skydnsImage"], "command": ["/skydns"],
             "args": [f"--machines={','.join(etcd_urls)}", f"--domain={given['domain']}", "--addr=0.0.0.0:53", f"--nameservers={nameservers}"]}
    for name, container in ((given["kube2sky"], one), (given["skydns"], other)):
        yield "replicationcontrollers", controller(name, given["namespace"], {"app": name, "version": given["version"]}, given["replicas"], container)
    ports = [{"name": f"dns-{each}", "port": 53, "protocol": each.upper()} for each in ("udp", "tcp")]
    yield "services", {"metadata": {"name": given["service"], "namespace": given["namespace"]},
                       "spec": {"clusterIP": "172.16.40.1", "selector": {"app": given["skydns"], "version": given["version"]}, "ports": ports}}
