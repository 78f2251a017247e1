/** Every text of the editors in one place; tests find the controls by the same. */
export const selectors = {
  ConfigEditor: {
    connection: 'Connection',
    url: {
      label: 'URL',
      description:
        'Address of the AgentIdP Analytics exporter as the Grafana server reaches it, without a path of the API.',
      placeholder: 'http://localhost:3001',
    },
    authentication: 'Authentication',
    authMethod: {
      label: 'Method',
      token: 'Bearer token',
      oauth2: 'OAuth2 client credentials',
    },
    token: {
      label: 'Token',
      description: 'A JWT with the scope analytics:read. Kept encrypted, and never sent to a browser.',
      placeholder: 'eyJ…',
    },
    tokenUrl: {
      label: 'Token URL',
      description: 'Where Grafana gets its token, with the grant client_credentials.',
      placeholder: 'https://idp.example.com/oauth2/token',
    },
    clientId: { label: 'Client id', placeholder: 'grafana' },
    clientSecret: {
      label: 'Client secret',
      description: 'Kept encrypted, and never sent to a browser.',
      placeholder: 'Client secret',
    },
    scope: { label: 'Scope', description: 'Separated by spaces.', placeholder: 'analytics:read' },
    audience: {
      label: 'Audience',
      description: 'Only where the identity provider asks for one.',
      placeholder: 'Optional',
    },
    viewers: {
      title: 'What viewers can see',
      text:
        'Everyone who may query this data source can read what its token may read, of one tenant: give it the scope ' +
        'analytics:read and nothing more. The data proxy passes on only the requests that panels need.',
    },
  },
  QueryEditor: {
    queryType: {
      label: 'Query type',
      options: {
        metric: {
          label: 'Metric',
          description: 'What is counted or measured, over time, as a table or as a heatmap',
        },
        executions: { label: 'Executions', description: 'The executions of the time range, one a row' },
        execution: {
          label: 'Execution',
          description: 'One execution: its trace, its steps, its token usages',
        },
        budgets: { label: 'Budgets', description: 'What is spent of each, and its state' },
        forecast: { label: 'Cost forecast', description: 'This month, so far and projected' },
      },
    },
    metric: { label: 'Metric', placeholder: 'Choose a metric' },
    unknownMetric: 'The catalog has no such metric.',
    unit: 'Unit',
    variable: 'Dashboard variable',
    groupBy: {
      label: 'Group by',
      placeholder: 'No grouping',
      tooltip: 'One series or row for each value. Only what this metric is counted by is offered.',
    },
    format: { label: 'Format' },
    interval: {
      label: 'Interval',
      tooltip:
        'Width of a bucket. Auto follows the width and the time range of the panel: hours are the finest where it begins ' +
        'before the minutes that are kept, 48 hours unless the exporter is told otherwise. None is one figure for the ' +
        'whole time range.',
      auto: 'Auto',
      none: 'None',
    },
    trendInterval: {
      label: 'Trend interval',
      tooltip: 'Width of a point of the trend; a row is always one group over the whole time range.',
    },
    filters: {
      label: 'Filters',
      dimension: 'Filter by',
      operator: 'Operator',
      values: 'Values',
      valuesPlaceholder: 'Any value',
      add: 'Add filter',
      remove: 'Remove filter',
      asTyped: 'As typed',
    },
    orderBy: { label: 'Order by', default: 'Default' },
    direction: { label: 'Direction', asc: 'Ascending', desc: 'Descending' },
    limit: {
      label: 'Limit',
      tooltip: 'Keeps the largest groups by their total over the time range.',
      placeholder: 'All',
    },
    alias: {
      label: 'Alias',
      tooltip:
        'Name of the series, with {{agent}}, {{agentName}}, {{metric}}, {{metricTitle}} or any dimension of the grouping.',
      placeholder: '{{agentName}}',
    },
    previous: {
      label: 'Compare',
      tooltip:
        'Adds the figure of the period before, as long and just before, as a first point: a stat panel can show the change.',
    },
    sparkline: { label: 'Trend', tooltip: 'Adds a column with the course of each row as a small chart.' },
    noCatalog: 'The metrics could not be loaded.',
    retry: 'Try again',
  },
  ExecutionListEditor: {
    explanation: 'The executions that began in the time range. A click on an id opens its trace.',
    sortBy: {
      label: 'Sort by',
      options: {
        started_at: 'Start',
        execution_time_ms: 'Duration',
        cost_usd: 'Cost',
        total_tokens: 'Tokens',
      },
    },
    limit: { tooltip: 'Rows, at most 1,000. The first in the order chosen.' },
  },
  ExecutionEditor: {
    explanation: 'One execution by its id, whenever it ran: the time range does not matter.',
    executionId: {
      label: 'Execution',
      tooltip: 'Its id, or the trace id of one that came by OpenTelemetry. May hold a variable.',
      placeholder: '$execution',
    },
    part: {
      label: 'Show',
      options: { trace: 'Trace', summary: 'Summary', steps: 'Steps', usages: 'Token usages' },
    },
  },
  BudgetsEditor: {
    explanation:
      'Every budget with its spend over its last days and its state, as they are now: the time range does not matter.',
  },
  ForecastEditor: {
    explanation:
      'The cost of this UTC month, so far and projected with its weekly season: the time range does not matter.',
    format: { timeseries: 'Time series', table: 'Table' },
  },
  VariableQueryEditor: {
    dimension: { label: 'Dimension', tooltip: 'The variable takes its values.' },
    search: {
      label: 'Search',
      tooltip: 'Only values that contain this text. May hold other variables.',
      placeholder: 'All values',
    },
  },
  AnnotationQueryEditor: {
    kind: {
      label: 'Mark',
      rotations: 'Credential rotations',
      jobs: 'Job failures',
    },
    rotations: 'A mark wherever credentials were rotated, with the names of their agents.',
    jobs: 'A mark for each scheduled job of the exporter that failed: the figures around it may be incomplete.',
  },
  QueryEditorHelp: {
    title: 'Queries to begin with',
  },
} as const;
