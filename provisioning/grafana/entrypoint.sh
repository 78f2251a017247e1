#!/bin/sh
# Grafana's provisioning takes the token of the data source from the environment; a container is handed it as a file.
set -eu
if [ -z "${AGENTIDP_ANALYTICS_TOKEN:-}" ] && [ -n "${AGENTIDP_ANALYTICS_TOKEN_FILE:-}" ]; then
  AGENTIDP_ANALYTICS_TOKEN=$(cat "$AGENTIDP_ANALYTICS_TOKEN_FILE")
  export AGENTIDP_ANALYTICS_TOKEN
fi
exec /run.sh "$@"
