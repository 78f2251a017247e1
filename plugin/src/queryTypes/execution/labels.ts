export const labels = {
  label: 'Execution',
  description:
    'One execution: its trace, a summary, its steps, its token usages or the runs that it has called',
  explanation: 'One execution by its id. The time range has no effect.',
  executionId: {
    label: 'Execution',
    tooltip: 'The id, or the trace id of an execution recorded with OpenTelemetry. Can contain a variable.',
    placeholder: '$execution',
  },
  part: {
    label: 'Show',
    options: {
      trace: 'Trace',
      summary: 'Summary',
      steps: 'Steps',
      usages: 'Token usages',
      children: 'Called runs',
    },
  },
} as const;
