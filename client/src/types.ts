/** What goes over the wire, derived from the service's own description of it. */
import type { components, paths } from './api.js';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Post<P extends keyof paths> = Extract<paths[P], { post: unknown }>['post'];
type Body<P extends keyof paths> = Json<Extract<Post<P>, { requestBody: unknown }>['requestBody']>;
type Answer<P extends keyof paths, Status extends number> =
  Post<P> extends { responses: infer R } ? Json<R[Status & keyof R]> : never;

/** The fields named may be left out. */
type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** An execution as the service takes it. */
export type SentExecution = Body<'/api/v1/executions'>['executions'][number];

/**
 * One run of an agent. `id` (a UUID) and `started_at` (RFC 3339) are made where they are left out. Sent again under its
 * id, it replaces the execution whole; `steps` and `token_usages` that are left out stay.
 *
 * Durations are milliseconds, `cost_usd` is USD. `input_tokens` counts cached ones and `output_tokens` reasoning ones.
 */
export type Execution = Optional<SentExecution, 'id' | 'started_at'>;

/** `running`, `success`, `failure`, `timeout` or `blocked`. */
export type ExecutionStatus = SentExecution['status'];

/** A step of an execution; its number is its key: sent again, it replaces the step. */
export type Step = NonNullable<SentExecution['steps']>[number];

/** Tokens that one call of a model used. Without a `cost_usd` the service prices it. */
export type TokenUsage = NonNullable<SentExecution['token_usages']>[number];

/**
 * Something countable that an agent did. `id` (a UUID) and `occurredAt` (RFC 3339) are made where they are left out.
 * `durationMs` is milliseconds; an `agentId` that is null or left out makes it the tenant's own.
 */
export type Event = Body<'/api/v1/events'>['events'][number];

/** Who is about to spend, and how much: `estimated_cost_usd` in USD, `ttl_seconds` 60 to 86,400 (default 900). */
export type ReservationRequest = Body<'/api/v1/analytics/budgets/reservations'>;

/**
 * Money that the budgets hold until the execution with this `reservation_id` arrives finished, it is released, or
 * `expires_at` (RFC 3339) has come. `budgets` are those that are concerned, with spend and what is reserved, in USD.
 */
export type Reservation = Answer<'/api/v1/analytics/budgets/reservations', 201>;

/** What the service says of a batch: how many it took, and which not. */
export type BatchAnswer =
  | Answer<'/api/v1/executions', 200>
  | Answer<'/api/v1/executions/{id}/steps', 200>
  | Answer<'/api/v1/executions/{id}/token-usages', 200>
  | Answer<'/api/v1/events', 200>;

/** A code of the service's error catalogue. */
export type ServiceErrorCode =
  components['schemas']['Error']['code'] | BatchAnswer['rejected'][number]['code'];

/** A token usage of which `component` may be left out; it is then `main_agent`. */
export type NewTokenUsage = Omit<TokenUsage, 'component'> & Partial<Pick<TokenUsage, 'component'>>;
