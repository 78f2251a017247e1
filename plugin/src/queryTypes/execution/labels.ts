export const labels = {
  label: 'Execution',
  description: 'One execution: its trace, a summary, its steps or its token usages',
  explanation: 'One execution by its id. The time range has no effect.',
  executionId: {
    label: 'Execution',
    tooltip: 'The id, or the trace id of an execution recorded with OpenTelemetry. Can contain a variable.',
    placeholder: '$execution',
  },
  part: {
    label: 'Show',
    options: { trace: 'Trace', summary: 'Summary', steps: 'Steps', usages: 'Token usages' },
  },
} as const;
