export const labels = {
  label: 'Executions',
  description: 'The executions of the time range, one per row',
  explanation: 'The executions that started in the time range. Click an id to open its trace.',
  sortBy: {
    label: 'Sort by',
    options: {
      started_at: 'Start',
      execution_time_ms: 'Duration',
      cost_usd: 'Cost',
      total_tokens: 'Tokens',
    },
  },
  sessionId: {
    label: 'Session',
    tooltip:
      'The id of a session. Its executions of the top level are listed, whatever the time range. Can contain a variable; ' +
      'empty for any session.',
    placeholder: 'Any session, or $session',
  },
  limit: { tooltip: 'Number of rows, at most 1,000.' },
} as const;
