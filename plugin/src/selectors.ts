/** The texts of the editors, which tests use to find the controls. Those of a query type are in its `labels.ts`. */
export const selectors = {
  ConfigEditor: {
    connection: 'Connection',
    url: {
      label: 'URL',
      description:
        'URL of the AgentIdP Analytics exporter as seen from the Grafana server, without an API path.',
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
      description: 'A JWT with the scope analytics:read. Stored encrypted and never sent to the browser.',
      placeholder: 'eyJ…',
    },
    tokenUrl: {
      label: 'Token URL',
      description: 'Token endpoint for the client credentials grant.',
      placeholder: 'https://idp.example.com/oauth2/token',
    },
    clientId: { label: 'Client ID', placeholder: 'grafana' },
    clientSecret: {
      label: 'Client secret',
      description: 'Stored encrypted and never sent to the browser.',
      placeholder: 'Client secret',
    },
    scope: { label: 'Scope', description: 'Space-separated scopes.', placeholder: 'analytics:read' },
    audience: {
      label: 'Audience',
      description: 'Only if the identity provider requires one.',
      placeholder: 'Optional',
    },
    viewers: {
      title: 'What viewers can see',
      text:
        'Everyone who can query this data source can read all the data of the tenant that its token can read. Give the ' +
        'token the scope analytics:read only. The data proxy forwards only the requests that panels need.',
    },
  },
  QueryEditor: {
    queryType: { label: 'Query type' },
    variable: 'Dashboard variable',
    format: { label: 'Format' },
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
    direction: { label: 'Direction', asc: 'Ascending', desc: 'Descending' },
    limit: { label: 'Limit' },
    noCatalog: 'The metrics could not be loaded.',
    retry: 'Try again',
  },
  QueryEditorHelp: {
    title: 'Example queries',
  },
} as const;
