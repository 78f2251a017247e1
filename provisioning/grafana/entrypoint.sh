#!/bin/sh
# Grafana's provisioning reads the data source's token from the environment, but the container gets it as a file.
set -eu
if [ -z "${AGENTIDP_ANALYTICS_TOKEN:-}" ] && [ -n "${AGENTIDP_ANALYTICS_TOKEN_FILE:-}" ]; then
  AGENTIDP_ANALYTICS_TOKEN=$(cat "$AGENTIDP_ANALYTICS_TOKEN_FILE")
  export AGENTIDP_ANALYTICS_TOKEN
fi
exec /run.sh "$@"
