/** The columns of reservations: money that budgets hold for an execution to come. */
import { Type } from 'typebox';
import { column, derived, type Fact, factTable, type Row, type Sent, type Shown } from '../column.js';
import { id, integer, time, usd, uuid } from '../types.js';

const MAX_USD = 1_000_000_000_000;
const DEFAULT_TTL_SECONDS = 900;

const estimate: typeof usd = { ...usd, sent: Type.Number({ minimum: 0, maximum: MAX_USD }) };
const seconds: typeof integer = { ...integer, sent: Type.Integer({ minimum: 60, maximum: 86_400 }) };

export const RESERVATION = factTable('budget_reservations', {
  id: derived(uuid, { required: true, shown: 'UUID, for `reservation_id` of the execution.' }),
  agent_id: column(id, { accepted: 'The agent whose budgets apply, beside the global ones.' }),
  user_id: column(id, { accepted: 'The user whose budgets apply.' }),
  flow_id: column(id, { accepted: 'The flow whose budgets apply.' }),
  estimated_cost_usd: column(estimate, { required: true, accepted: 'USD.' }),
  ttl_seconds: column(seconds, {
    transient: true,
    notNull: true,
    absent: DEFAULT_TTL_SECONDS,
    accepted: 'The reservation expires after this time.',
  }),
  created_at: derived(time, { required: true, unwritten: true }),
  expires_at: derived(time, { required: true, shown: 'When the reservation expires.' }),
  settled_at: derived(time, { unwritten: true }),
  /** The execution that has settled it. */
  settled_by: derived(uuid, { unwritten: true, isExecution: true }),
});

type Columns = typeof RESERVATION.columns;

/** Who is about to spend, and how much, in its wire form. */
export type ReservationInput = Sent<Columns>;
/** The same as it was read. */
export type ReservationRequest = Fact<Columns>;
export type ReservationRow = Row<Columns>;
export type ShownReservation = Shown<Columns>;
