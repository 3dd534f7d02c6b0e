"""Keys and certificates as kubeadm makes them. Does not know which a machine needs.

Models cmd/kubeadm/app/phases/certs: what lies there is used and never overwritten; who has no key of its authority cannot sign.
"""

import ipaddress
import os
import subprocess
import sys
import tempfile

AUTHORITIES = {"ca": "kubernetes", "front-proxy-ca": "front-proxy-ca"}
# Name: (authority, subject, use).
SIGNED = {"apiserver": ("ca", "/CN=kube-apiserver", "serverAuth"),
          "apiserver-kubelet-client": ("ca", "/O=system:masters/CN=kube-apiserver-kubelet-client", "clientAuth"),
          "front-proxy-client": ("front-proxy-ca", "/CN=front-proxy-client", "clientAuth")}


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error execution phase certs: {done.stderr.strip()}")
    return done.stdout


def new_key(path):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    os.chmod(path, 0o600)


def make_authority(directory, name):
    certificate, key = f"{directory}/{name}.crt", f"{directory}/{name}.key"
    if os.path.exists(certificate):
        return print(f"[certs] Using existing {name} certificate authority")
    os.makedirs(directory, exist_ok=True)
    new_key(key)
    openssl("req", "-x509", "-new", "-key", key, "-days", "3650", "-subj", f"/CN={AUTHORITIES[name]}", "-out", certificate)
    return print(f'[certs] Generating "{name}" certificate and key')


def make_account_key(directory):
    if os.path.exists(f"{directory}/sa.key"):
        return print('[certs] Using the existing "sa" key')
    new_key(f"{directory}/sa.key")
    openssl("ec", "-in", f"{directory}/sa.key", "-pubout", "-out", f"{directory}/sa.pub")
    return print('[certs] Generating "sa" key and public key')


def make(directory, name, names):
    """`names` are what the certificate of the API server covers."""
    authority, subject, use = SIGNED[name]
    certificate = f"{directory}/{name}.crt"
    if os.path.exists(certificate):
        openssl("verify", "-CAfile", f"{directory}/{authority}.crt", certificate)
        return print(f"[certs] Using existing {name} certificate and key on disk")
    for part in ("crt", "key"):
        if not os.path.exists(f"{directory}/{authority}.{part}"):
            sys.exit(f"error execution phase certs/{name}: couldn't load CA certificate {authority}: open {directory}/{authority}.{part}: no such file or directory")
    text, key = signed(directory, authority, subject, use, names if name == "apiserver" else [])
    with open(certificate, "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.open(f"{directory}/{name}.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(key)
    print(f'[certs] Generating "{name}" certificate and key')
    return print(f"[certs] apiserver serving cert is signed for {' '.join(names)}") if name == "apiserver" else None


def signed(directory, authority, subject, use, names=()):
    """(certificate, key) as text."""
    with tempfile.TemporaryDirectory() as work:
        new_key(f"{work}/key")
        openssl("req", "-new", "-key", f"{work}/key", "-subj", subject, "-out", f"{work}/request")
        lines = [f"extendedKeyUsage={use}"]
        if names:
            lines.append("subjectAltName=" + ",".join(f"{'IP' if is_address(name) else 'DNS'}:{name}" for name in dict.fromkeys(names)))
        with open(f"{work}/extensions", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        openssl("x509", "-req", "-in", f"{work}/request", "-CA", f"{directory}/{authority}.crt", "-CAkey", f"{directory}/{authority}.key",
                "-set_serial", f"0x{os.urandom(8).hex()}", "-days", "365", "-extfile", f"{work}/extensions", "-out", f"{work}/certificate")
        with open(f"{work}/certificate", encoding="utf-8") as certificate, open(f"{work}/key", encoding="utf-8") as key:
            return certificate.read(), key.read()


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False
