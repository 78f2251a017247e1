// Generated from docs/openapi.yaml by `npm run generate -w plugin`; do not edit.
/** The parameters of `GET /api/v1/analytics/executions` that take several values. */
export const EXECUTION_FILTER_PARAMETERS = [
  'status',
  'agent_id',
  'user_id',
  'session_id',
  'flow_id',
  'model_name',
  'error_type',
  'trace_id',
  'environment',
  'parent_execution_id',
  'service_name',
  'service_version',
] as const;
