/** The outbox with any receiver; with mails and a database, see budgets/notifications.test.ts. */
import {
  type Delivery,
  type DeliveryRecord,
  Outbox,
  type OutboxMessage,
  type OutboxStorage,
} from '../../src/outbox/outbox.js';
import { DAY } from '../../src/time.js';
import { eventually } from '../robustness/eventually.js';
import { recordingLog } from '../support/log.js';

const NOW = Date.parse('2026-03-18T12:00:00Z');
const DELIVERED: Delivery = { sent: true, retry: [], error: null };
const FAILED: Delivery = { sent: false, retry: ['a'], error: '503' };

interface Text extends OutboxMessage {
  text: string;
}

const message = (id: string, fields: Partial<Text> = {}): Text => ({
  ...{ tenantId: 'acme', id, createdAt: new Date(NOW), recipients: ['a'], attempts: 0, text: id },
  ...fields,
});

/** Messages that are due, and the records of their deliveries. */
class MemoryStorage implements OutboxStorage<Text> {
  readonly records: Record<string, DeliveryRecord> = {};
  fails = 0;

  constructor(private readonly due: Text[]) {}

  dueTenants(): Promise<string[]> {
    return Promise.resolve([...new Set(this.due.map(({ tenantId }) => tenantId))]);
  }

  claim(tenantId: string): Promise<Text | undefined> {
    const at = this.due.findIndex((text) => text.tenantId === tenantId);
    const [claimed] = at < 0 ? [] : this.due.splice(at, 1);
    return Promise.resolve(claimed && { ...claimed, attempts: claimed.attempts + 1 });
  }

  renew(): Promise<void> {
    return Promise.resolve();
  }

  record({ id }: Text, record: DeliveryRecord): Promise<void> {
    if (this.fails > 0) {
      this.fails -= 1;
      return Promise.reject(Object.assign(new Error('connection lost'), { code: '57P01' }));
    }
    this.records[id] = record;
    return Promise.resolve();
  }
}

/** Sends what is due, until `count` deliveries are recorded. */
async function send(
  storage: MemoryStorage,
  deliver: (text: string) => Delivery,
  count: number,
): Promise<{ delivered: string[]; log: string[] }> {
  const delivered: string[] = [];
  const log = recordingLog();
  const outbox = new Outbox<Text, string>({
    name: 'texts',
    storage,
    receiver: {
      deliver: (text) => {
        delivered.push(text);
        return Promise.resolve(deliver(text));
      },
      close: () => delivered.push('closed'),
    },
    compose: ({ text }) => text,
    now: () => NOW,
    log,
  });
  outbox.kick();
  await eventually('the records', () => Object.keys(storage.records).length === count);
  await outbox.stop();
  return { delivered, log: log.lines };
}

it('delivers what is due for each tenant, and closes the receiver when it stops', async () => {
  const storage = new MemoryStorage([message('1'), message('2', { tenantId: 'other' }), message('3')]);
  const { delivered } = await send(storage, () => DELIVERED, 3);
  expect(delivered).toEqual(['1', '2', '3', 'closed']);
  expect(storage.records).toMatchObject({ 1: { sent: true, error: null, retry: undefined } });
});

it('tenants take turns: four hundred messages of one do not delay those of another', async () => {
  const many = Array.from({ length: 400 }, (_, i) => message(`many-${i}`));
  const few = [message('few-1', { tenantId: 'other' }), message('few-2', { tenantId: 'other' })];
  const storage = new MemoryStorage([...many, ...few]);
  const { delivered } = await send(storage, () => DELIVERED, 402);
  expect(delivered.slice(0, 5)).toEqual(['many-0', 'few-1', 'many-1', 'few-2', 'many-2']);
});

it('a message that becomes due meanwhile does not wait for all of another tenant', async () => {
  const due = Array.from({ length: 50 }, (_, i) => message(`many-${i}`));
  const storage = new MemoryStorage(due);
  const deliver = (text: string): Delivery => {
    if (text === 'many-2') due.push(message('late', { tenantId: 'other' }));
    return DELIVERED;
  };
  const { delivered } = await send(storage, deliver, 51);
  expect(delivered.indexOf('late')).toBeLessThan(6);
});

it('retries after twice as long each time, an hour at most', async () => {
  const attempts = [0, 1, 2, 6, 7, 20];
  const storage = new MemoryStorage(attempts.map((n) => message(`${n}`, { attempts: n })));
  await send(storage, () => FAILED, attempts.length);
  const delays = attempts.map((n) => storage.records[n]!.retry!.afterSeconds);
  expect(delays).toEqual([30, 60, 120, 1_920, 3_600, 3_600]);
});

it('gives up after five days', async () => {
  const old = (ms: number): Partial<Text> => ({ createdAt: new Date(NOW - ms) });
  const storage = new MemoryStorage([message('young', old(5 * DAY - 1)), message('old', old(5 * DAY))]);
  await send(storage, () => FAILED, 2);
  expect(storage.records.young!.retry).toBeDefined();
  expect(storage.records.old).toEqual({ sent: false, error: '503', retry: undefined });
});

it('leaves the other messages alone while the receiver cannot be reached', async () => {
  const storage = new MemoryStorage([message('1'), message('2'), message('3', { tenantId: 'other' })]);
  const { delivered } = await send(storage, () => ({ ...FAILED, unreachable: true }), 1);
  expect(delivered).toEqual(['1', 'closed']);
});

it('logs that deliveries fail, but not each of them', async () => {
  const storage = new MemoryStorage([message('1'), message('2'), message('3'), message('4')]);
  const { log } = await send(storage, (text) => (text === '3' ? DELIVERED : FAILED), 4);
  expect(log).toEqual([
    'warn: texts: a delivery failed {"id":"1","error":"503"}',
    'warn: texts: a delivery failed {"id":"4","error":"503"}',
  ]);
});

it('does not forget a delivery because the database was away for a moment', async () => {
  const storage = new MemoryStorage([message('1')]);
  storage.fails = 2;
  const { delivered } = await send(storage, () => DELIVERED, 1);
  expect(delivered).toEqual(['1', 'closed']);
});
