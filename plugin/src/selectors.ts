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
        'Width of a bucket. Auto follows the width and the time range of the panel; minutes are kept for 48 hours. None ' +
        'is one figure for the whole time range.',
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
    sparkline: { label: 'Trend', tooltip: 'Adds a column with the course of each row as a small chart.' },
    noCatalog: 'The metrics could not be loaded.',
    retry: 'Try again',
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
