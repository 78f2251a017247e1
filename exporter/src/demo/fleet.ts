/** The demo's tenants and their agents. */
import type { EndpointKey } from './endpoints.js';
import type { Rhythm } from './rhythm.js';

export interface Agent {
  id: string;
  name: string;
  rhythm: Rhythm;
  /** API calls in a busy hour. */
  busyHour: number;
  /** Weight by endpoint. */
  calls: Partial<Record<EndpointKey, number>>;
  /** Calls per access token. */
  callsPerToken: number;
  /** Days between credential rotations; undefined if it never rotates. */
  rotationDays?: number;
  /** Days before the anchor date on which the agent was introduced. */
  sinceDays?: number;
}

export interface DemoTenant {
  id: string;
  name: string;
  agents: readonly Agent[];
  /** Calls per hour without an agent: people who use the platform's console. */
  ownCalls: number;
}

/** The agent of the retry loop in incidents.ts. */
export const LOOPING_AGENT = 'inventory-sync';

const DEMO_AGENTS: readonly Agent[] = [
  {
    id: 'billing-reconciler',
    name: 'Billing reconciler',
    rhythm: 'monthEnd',
    busyHour: 420,
    calls: { listInvoices: 2, readInvoice: 5, matchPayment: 4 },
    callsPerToken: 60,
    rotationDays: 14,
  },
  {
    id: 'invoice-matcher',
    name: 'Invoice matcher',
    rhythm: 'office',
    busyHour: 260,
    calls: { readInvoice: 5, matchPayment: 3, parseDocument: 1 },
    callsPerToken: 50,
    rotationDays: 30,
  },
  {
    id: 'expense-auditor',
    name: 'Expense auditor',
    rhythm: 'office',
    busyHour: 90,
    calls: { readInvoice: 3, parseDocument: 2, complete: 1 },
    callsPerToken: 30,
    rotationDays: 30,
  },
  {
    id: 'legacy-ledger-export',
    name: 'Legacy ledger export',
    rhythm: 'night',
    busyHour: 500,
    calls: { listInvoices: 1, readInvoice: 9 },
    callsPerToken: 250,
  },
  {
    id: 'support-triage',
    name: 'Support triage',
    rhythm: 'consumer',
    busyHour: 380,
    calls: { listTickets: 3, readContact: 3, complete: 2 },
    callsPerToken: 40,
    rotationDays: 7,
  },
  {
    id: 'chat-concierge',
    name: 'Chat concierge',
    rhythm: 'consumer',
    busyHour: 640,
    calls: { complete: 5, search: 2, readOrder: 3, readContact: 2 },
    callsPerToken: 45,
    rotationDays: 7,
  },
  {
    id: 'refund-assistant',
    name: 'Refund assistant',
    rhythm: 'consumer',
    busyHour: 110,
    calls: { readOrder: 4, createRefund: 2, replyTicket: 1 },
    callsPerToken: 25,
    rotationDays: 14,
  },
  {
    id: 'ticket-summarizer',
    name: 'Ticket summarizer',
    rhythm: 'office',
    busyHour: 150,
    calls: { listTickets: 2, complete: 3 },
    callsPerToken: 40,
    rotationDays: 30,
  },
  {
    id: 'order-router',
    name: 'Order router',
    rhythm: 'consumer',
    busyHour: 720,
    calls: { readOrder: 5, changeOrder: 3, readStock: 2 },
    callsPerToken: 90,
    rotationDays: 7,
  },
  {
    id: LOOPING_AGENT,
    name: 'Inventory sync',
    rhythm: 'steady',
    busyHour: 480,
    calls: { readStock: 6, readProduct: 3 },
    callsPerToken: 60,
    rotationDays: 14,
  },
  {
    id: 'price-watcher',
    name: 'Price watcher',
    rhythm: 'steady',
    busyHour: 350,
    calls: { readProduct: 6, changePrice: 1 },
    callsPerToken: 80,
    rotationDays: 30,
  },
  {
    id: 'demand-forecaster',
    name: 'Demand forecaster',
    rhythm: 'night',
    busyHour: 300,
    calls: { searchOrders: 3, readStock: 4, embed: 2 },
    callsPerToken: 100,
    rotationDays: 30,
  },
  {
    id: 'catalog-enricher',
    name: 'Catalog enricher',
    rhythm: 'night',
    busyHour: 420,
    calls: { readProduct: 4, complete: 2, embed: 3 },
    callsPerToken: 80,
    rotationDays: 45,
  },
  {
    id: 'lead-scorer',
    name: 'Lead scorer',
    rhythm: 'americas',
    busyHour: 190,
    calls: { readContact: 4, scoreLead: 3 },
    callsPerToken: 50,
    rotationDays: 30,
  },
  {
    id: 'crm-sync',
    name: 'CRM sync',
    rhythm: 'steady',
    busyHour: 210,
    calls: { readContact: 8, searchOrders: 1 },
    callsPerToken: 60,
    rotationDays: 14,
  },
  {
    id: 'email-drafter',
    name: 'Email drafter',
    rhythm: 'americas',
    busyHour: 140,
    calls: { readContact: 2, complete: 3, draftEmail: 2 },
    callsPerToken: 30,
    rotationDays: 30,
  },
  {
    id: 'contract-reviewer',
    name: 'Contract reviewer',
    rhythm: 'office',
    busyHour: 60,
    calls: { parseDocument: 3, readDocument: 3, complete: 4 },
    callsPerToken: 20,
    rotationDays: 30,
  },
  {
    id: 'compliance-checker',
    name: 'Compliance checker',
    rhythm: 'office',
    busyHour: 120,
    calls: { searchSanctions: 4, readDocument: 2, search: 2 },
    callsPerToken: 40,
    rotationDays: 14,
  },
  {
    id: 'identity-screener',
    name: 'Identity screener',
    rhythm: 'consumer',
    busyHour: 130,
    calls: { checkIdentity: 4, searchSanctions: 2, parseDocument: 1 },
    callsPerToken: 30,
    rotationDays: 7,
  },
  {
    id: 'fraud-sentinel',
    name: 'Fraud sentinel',
    rhythm: 'steady',
    busyHour: 560,
    calls: { scoreRisk: 8, readOrder: 2 },
    callsPerToken: 120,
    rotationDays: 7,
  },
  {
    id: 'log-analyst',
    name: 'Log analyst',
    rhythm: 'steady',
    busyHour: 170,
    calls: { queryLogs: 4, queryMetrics: 4, complete: 1 },
    callsPerToken: 60,
    rotationDays: 30,
  },
  {
    id: 'incident-responder',
    name: 'Incident responder',
    rhythm: 'steady',
    busyHour: 45,
    calls: { queryMetrics: 5, queryLogs: 3, openIncident: 0.2 },
    callsPerToken: 25,
    rotationDays: 14,
  },
  {
    id: 'deploy-assistant',
    name: 'Deploy assistant',
    rhythm: 'office',
    busyHour: 70,
    calls: { readPullRequest: 3, startDeployment: 1, queryMetrics: 2 },
    callsPerToken: 20,
    rotationDays: 14,
    sinceDays: 26,
  },
  {
    id: 'code-reviewer',
    name: 'Code reviewer',
    rhythm: 'office',
    busyHour: 230,
    calls: { readPullRequest: 4, complete: 3, embed: 1 },
    callsPerToken: 40,
    rotationDays: 30,
  },
  {
    id: 'data-quality-monitor',
    name: 'Data quality monitor',
    rhythm: 'steady',
    busyHour: 80,
    calls: { searchOrders: 2, readProduct: 3, queryMetrics: 1 },
    callsPerToken: 50,
    rotationDays: 75,
  },
];

/** Two of them have the same ids as agents of the first tenant, to show that tenants are isolated. */
const NEIGHBOUR_AGENTS: readonly Agent[] = [
  {
    id: 'billing-reconciler',
    name: 'Billing reconciler',
    rhythm: 'office',
    busyHour: 40,
    calls: { readInvoice: 4, matchPayment: 2 },
    callsPerToken: 30,
    rotationDays: 30,
  },
  {
    id: 'chat-concierge',
    name: 'Chat concierge',
    rhythm: 'consumer',
    busyHour: 90,
    calls: { complete: 4, readContact: 1 },
    callsPerToken: 30,
    rotationDays: 7,
  },
  {
    id: 'shift-planner',
    name: 'Shift planner',
    rhythm: 'office',
    busyHour: 25,
    calls: { search: 1, complete: 2 },
    callsPerToken: 20,
    rotationDays: 14,
  },
];

/** The demo tenant with the given id, and a second tenant. */
export function demoTenants(id: string): [demo: DemoTenant, neighbour: DemoTenant] {
  const neighbour = id === 'neighbour' ? 'neighbour-2' : 'neighbour';
  return [
    { id, name: 'Demo', agents: DEMO_AGENTS, ownCalls: 30 },
    { id: neighbour, name: 'Neighbour', agents: NEIGHBOUR_AGENTS, ownCalls: 5 },
  ];
}
