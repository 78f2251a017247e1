/** Types of requests and responses, derived from the service's OpenAPI document. */
import type { components, paths } from './api.js';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Post<P extends keyof paths> = Extract<paths[P], { post: unknown }>['post'];
type Body<P extends keyof paths> = Json<Extract<Post<P>, { requestBody: unknown }>['requestBody']>;
type Answer<P extends keyof paths, Status extends number> =
  Post<P> extends { responses: infer R } ? Json<R[Status & keyof R]> : never;

/** Makes some fields optional. */
type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** An execution as it is sent to the service. */
export type SentExecution = Body<'/api/v1/executions'>['executions'][number];

/**
 * One run of an agent. `id` (a UUID) and `started_at` (RFC 3339) are generated if omitted. Sending an execution again with
 * the same id replaces it; omitted `steps` and `token_usages` are kept.
 *
 * Durations are in milliseconds, `cost_usd` is in USD. `input_tokens` includes cached tokens, `output_tokens` includes
 * reasoning tokens.
 */
export type Execution = Optional<SentExecution, 'id' | 'started_at'>;

/** `running`, `success`, `failure`, `timeout` or `blocked`. */
export type ExecutionStatus = SentExecution['status'];

/** A step of an execution, identified by its number. Sending it again replaces it. */
export type Step = NonNullable<SentExecution['steps']>[number];

/** Tokens of one model call. Without `cost_usd`, the service computes the cost. */
export type TokenUsage = NonNullable<SentExecution['token_usages']>[number];

/**
 * A usage event. `id` (a UUID) and `occurredAt` (RFC 3339) are generated if omitted. `durationMs` is in milliseconds. Without
 * an `agentId`, the event belongs to the tenant itself.
 */
export type Event = Body<'/api/v1/events'>['events'][number];

/** A request for a reservation: `estimated_cost_usd` in USD, `ttl_seconds` 60 to 86,400 (default 900). */
export type ReservationRequest = Body<'/api/v1/analytics/budgets/reservations'>;

/**
 * A reservation. The amount is held until the finished execution with this `reservation_id` arrives, the reservation is
 * released, or `expires_at` (RFC 3339) is reached. `budgets` lists the affected budgets with spend and reservations in USD.
 */
export type Reservation = Answer<'/api/v1/analytics/budgets/reservations', 201>;

/** The service's response to a batch: counts, and the rejected items. */
export type BatchAnswer =
  | Answer<'/api/v1/executions', 200>
  | Answer<'/api/v1/executions/{id}/steps', 200>
  | Answer<'/api/v1/executions/{id}/token-usages', 200>
  | Answer<'/api/v1/events', 200>;

/** A code of the service's error catalogue. */
export type ServiceErrorCode =
  components['schemas']['Error']['code'] | BatchAnswer['rejected'][number]['code'];

/** A token usage whose `component` is optional; the default is `main_agent`. */
export type NewTokenUsage = Omit<TokenUsage, 'component'> & Partial<Pick<TokenUsage, 'component'>>;
