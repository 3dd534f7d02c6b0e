// The files of the workers by jsonnet: path to text.
local fleet = std.extVar('fleet');

local head(step, machine) = |||
  # Made by replank %(release)s for step %(step)s/%(name)s.
  # Caused by line %(line)d, column %(column)d of the spec: /spec/target/workers/%(index)d. Change the spec, not this file.
||| % (machine { release: fleet.release, step: step });

local known = std.join('', ['%(address)s %(name)s\n' % other for other in fleet.known]);

local hosts(machine) =
  '# replank uecm: begin\n' + head('10-prepare', machine) + known + |||
    %(address)s %(name)s
    # replank uecm: end
  ||| % machine;

local config(machine) = head('60-add-workers', machine) + |||
  node-name: %(name)s
  node-ip: %(address)s
  token-file: %(token)s
  docker: true
  server: %(server)s
||| % (machine { token: fleet.token, server: fleet.server });

local install(machine) = head('60-add-workers', machine) + |||
  # Read by a shell, exported as a whole. One word a value: the script corrupts quoted ones.
  INSTALL_K3S_SKIP_DOWNLOAD=true
  INSTALL_K3S_SKIP_START=true
  INSTALL_K3S_EXEC=agent
|||;

{ ['steps/10-prepare/%s/hosts' % machine.name]: hosts(machine) for machine in fleet.machines }
+ { ['steps/60-add-workers/%s/config.yaml' % machine.name]: config(machine) for machine in fleet.machines }
+ { ['steps/60-add-workers/%s/install.env' % machine.name]: install(machine) for machine in fleet.machines }
