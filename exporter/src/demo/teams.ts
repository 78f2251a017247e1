/** The teams of the demo tenant: the agents that they run, and the users on whose behalf these act. */
import type { Random } from './random.js';

interface Team {
  /** Name of its users, who are numbered. */
  desk: string;
  users: number;
  agents: readonly string[];
}

const TEAMS = {
  support: {
    desk: 'Support desk',
    users: 14,
    agents: ['support-triage', 'chat-concierge', 'refund-assistant', 'ticket-summarizer'],
  },
  finance: {
    desk: 'Finance desk',
    users: 6,
    agents: ['billing-reconciler', 'invoice-matcher', 'expense-auditor', 'legacy-ledger-export'],
  },
  sales: {
    desk: 'Sales desk',
    users: 7,
    agents: ['lead-scorer', 'crm-sync', 'email-drafter', 'newsletter-writer'],
  },
  operations: {
    desk: 'Operations desk',
    users: 6,
    agents: [
      ...['order-router', 'inventory-sync', 'price-watcher', 'demand-forecaster', 'catalog-enricher'],
      'data-quality-monitor',
    ],
  },
  legal: {
    desk: 'Legal desk',
    users: 3,
    agents: ['contract-reviewer', 'compliance-checker', 'identity-screener', 'fraud-sentinel'],
  },
  engineering: {
    desk: 'Engineering desk',
    users: 4,
    agents: ['log-analyst', 'incident-responder', 'deploy-assistant', 'code-reviewer'],
  },
} as const satisfies Record<string, Team>;

export interface Member {
  id: string;
  name: string;
}

interface StaffedTeam {
  name: string;
  agents: readonly string[];
  members: readonly Member[];
}

function staffed(): StaffedTeam[] {
  let hired = 0;
  return Object.entries(TEAMS).map(([name, { desk, users, agents }]) => ({
    name,
    agents,
    members: Array.from({ length: users }, (_, i) => {
      hired += 1;
      return { id: `user-${hired}`, name: `${desk} ${i + 1}` };
    }),
  }));
}

export const STAFF: readonly StaffedTeam[] = staffed();

/** The team of an agent; the first one for an agent of no team. */
export function teamOf(agentId: string): StaffedTeam {
  return STAFF.find(({ agents }) => agents.includes(agentId)) ?? STAFF[0]!;
}

/** A user of the agent's team. The first ones use it the most. */
export function userFor(agentId: string, random: Random): string {
  const { members } = teamOf(agentId);
  return members[Math.floor(members.length * random.unit() ** 1.8)]!.id;
}
