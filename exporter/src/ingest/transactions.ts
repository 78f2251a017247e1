/** Requests that a tenant sends at the same time share a transaction: it costs more than the rows of a small request. */
import { AppError } from '../errors.js';
import { Batcher, type BatcherOptions } from '../queues/batcher.js';

/** Concurrent transactions of a tenant: while the database works on one, the next one is prepared. */
const PER_TENANT = 2;
/** Executions or spans from which a transaction of a tenant begins beside its other one. */
const BESIDE_WEIGHT = 250;
/** Concurrent transactions of all tenants. The pool's other connections stay free for other work. */
const CONCURRENCY = 4;

/**
 * If a transaction fails, its requests are written one by one, so that none fails because of another's rows. With the
 * database unreachable (an AppError), each would only wait as long again.
 */
export const transactionBatcher = <Request, Answer>(
  options: Pick<BatcherOptions<Request, Answer>, 'run' | 'weigh' | 'maxWeight'>,
): Batcher<Request, Answer> =>
  new Batcher({
    ...options,
    concurrencyPerKey: PER_TENANT,
    besideWeight: BESIDE_WEIGHT,
    concurrency: CONCURRENCY,
    splitOn: (error) => !(error instanceof AppError),
  });
