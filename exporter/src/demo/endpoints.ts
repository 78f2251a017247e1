/** The endpoints of the platform that the demo's agents call, with their response times and error rates. */

export interface Endpoint {
  /** As in events. */
  name: string;
  /** An outage affects all endpoints of a service. */
  service: Service;
  medianMs: number;
  /** Standard deviation of the logarithm of the duration. */
  sigma: number;
  /** Status of a successful call. */
  ok: number;
  /** Client errors: status and share of all calls. */
  clientErrors: readonly (readonly [status: number, share: number])[];
  /** Share of calls that end in a server error. */
  serverErrorRate: number;
}

export type Service =
  'billing' | 'orders' | 'catalog' | 'customers' | 'documents' | 'models' | 'risk' | 'operations';

function endpoint(
  name: string,
  service: Service,
  medianMs: number,
  sigma: number,
  clientErrors: Record<number, number> = {},
  { ok = 200, serverErrorRate = 0.002 }: { ok?: number; serverErrorRate?: number } = {},
): Endpoint {
  const byStatus = Object.entries(clientErrors).map(([status, share]) => [Number(status), share] as const);
  return { name, service, medianMs, sigma, ok, clientErrors: byStatus, serverErrorRate };
}

export const ENDPOINTS = {
  listInvoices: endpoint('GET /v1/invoices', 'billing', 85, 0.5),
  readInvoice: endpoint('GET /v1/invoices/{id}', 'billing', 24, 0.45, { 404: 0.012 }),
  matchPayment: endpoint('POST /v1/payments/match', 'billing', 310, 0.6, { 422: 0.03, 409: 0.01 }),
  createRefund: endpoint(
    'POST /v1/refunds',
    'billing',
    240,
    0.5,
    { 422: 0.04 },
    { ok: 201, serverErrorRate: 0.004 },
  ),
  readOrder: endpoint('GET /v1/orders/{id}', 'orders', 19, 0.4, { 404: 0.02 }),
  searchOrders: endpoint('POST /v1/orders/search', 'orders', 130, 0.7, { 400: 0.004 }),
  changeOrder: endpoint('PATCH /v1/orders/{id}', 'orders', 75, 0.5, { 409: 0.015 }),
  readProduct: endpoint('GET /v1/products/{id}', 'catalog', 12, 0.35, { 404: 0.008 }),
  changePrice: endpoint('PUT /v1/products/{id}/price', 'catalog', 48, 0.4, { 422: 0.01 }),
  readStock: endpoint('GET /v1/stock', 'catalog', 33, 0.5, { 429: 0.006 }),
  readContact: endpoint('GET /v1/contacts/{id}', 'customers', 21, 0.4, { 404: 0.01 }),
  scoreLead: endpoint('POST /v1/leads/score', 'customers', 180, 0.5),
  draftEmail: endpoint('POST /v1/emails/drafts', 'customers', 95, 0.45, { 422: 0.012 }, { ok: 201 }),
  replyTicket: endpoint('POST /v1/tickets/{id}/replies', 'customers', 110, 0.5, { 409: 0.008 }, { ok: 201 }),
  listTickets: endpoint('GET /v1/tickets', 'customers', 60, 0.5),
  parseDocument: endpoint(
    'POST /v1/documents/parse',
    'documents',
    920,
    0.8,
    { 422: 0.035 },
    { serverErrorRate: 0.008 },
  ),
  readDocument: endpoint('GET /v1/documents/{id}', 'documents', 38, 0.5, { 404: 0.006 }),
  search: endpoint('POST /v1/search', 'documents', 145, 0.6),
  complete: endpoint(
    'POST /v1/chat/completions',
    'models',
    1450,
    0.7,
    { 429: 0.018, 400: 0.003 },
    { serverErrorRate: 0.006 },
  ),
  embed: endpoint('POST /v1/embeddings', 'models', 210, 0.4, { 429: 0.01 }),
  scoreRisk: endpoint('POST /v1/risk/score', 'risk', 65, 0.4),
  checkIdentity: endpoint(
    'POST /v1/identity-checks',
    'risk',
    640,
    0.7,
    { 422: 0.02 },
    { ok: 202, serverErrorRate: 0.005 },
  ),
  searchSanctions: endpoint('GET /v1/sanctions/search', 'risk', 155, 0.5),
  queryLogs: endpoint(
    'GET /v1/logs/query',
    'operations',
    420,
    0.9,
    { 400: 0.008 },
    { serverErrorRate: 0.005 },
  ),
  queryMetrics: endpoint('GET /v1/metrics/query', 'operations', 90, 0.6),
  openIncident: endpoint('POST /v1/incidents', 'operations', 130, 0.4, {}, { ok: 201 }),
  startDeployment: endpoint('POST /v1/deployments', 'operations', 380, 0.5, { 409: 0.05 }, { ok: 202 }),
  readPullRequest: endpoint('GET /v1/pull-requests/{id}', 'operations', 72, 0.5),
} as const satisfies Record<string, Endpoint>;

export type EndpointKey = keyof typeof ENDPOINTS;
