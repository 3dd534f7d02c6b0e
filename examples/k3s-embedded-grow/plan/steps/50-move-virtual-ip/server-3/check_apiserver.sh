#!/bin/sh
# Made by replank 0.1.0 for step 50-move-virtual-ip/server-3.
# Caused by line 38, column 37 of the spec: /spec/target/virtualIp/2. Change the spec, not this file.
# Healthy is who serves: a hung or failing API server gives the address away.
exec curl --silent --fail --insecure --max-time 1 --output /dev/null https://127.0.0.1:6443/readyz
