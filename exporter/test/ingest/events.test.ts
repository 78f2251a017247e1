/** One event at a time: what is taken, what it becomes, and what each refusal says. */
import { parseEvents, type UsageEvent } from '../../src/facts/event/parse.js';

const NOW = Date.parse('2026-03-18T12:00:00Z');
const OLDEST = Date.parse('2025-02-11T00:00:00Z');
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const AT = '2026-03-10T08:00:00Z';

const parse = (event: unknown) => parseEvents([event], { now: NOW, oldest: OLDEST });

function taken(fields: object): UsageEvent {
  const { events, rejected } = parse({ metricType: 'api_calls', ...fields });
  if (events[0] === undefined) throw new Error(JSON.stringify(rejected));
  return events[0];
}

function refused(event: unknown): [string, string] {
  const { events, rejected } = parse(event);
  expect(events).toEqual([]);
  const { code, message, index } = rejected[0]!;
  expect(index).toBe(0);
  return [code, message];
}

const refusedFor = (fields: object): [string, string] => refused({ metricType: 'api_calls', ...fields });

describe('an event', () => {
  it('has defaults for all but its metric type', () => {
    expect(taken({})).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      occurredAt: NOW,
      agentId: null,
      agentName: null,
      metricType: 'api_calls',
      count: 1,
      endpoint: null,
      status: null,
      durationMs: null,
      userId: null,
      userName: null,
      environment: null,
    });
  });

  it.each(['api_calls', 'token_issuances', 'token_failures', 'credential_rotations'])(
    'may be of %s',
    (metricType) => {
      expect(taken({ metricType }).metricType).toBe(metricType);
    },
  );

  it.each([undefined, null, '', 'API_CALLS', 'toString', '__proto__', 1, ['api_calls']])(
    'may not be of %j',
    (metricType) => {
      const [code, message] = refused({ metricType });
      expect([code, message]).toEqual([
        'VALIDATION_ERROR',
        'metricType must be one of api_calls, token_issuances, token_failures, credential_rotations',
      ]);
    },
  );

  it.each([null, 1, 'text', [], [{}], true])('is an object, not %j', (event) => {
    expect(refused(event)).toEqual(['VALIDATION_ERROR', 'an event must be an object']);
  });

  it('has no unknown field', () => {
    expect(refusedFor({ tags: [] })).toEqual([
      'VALIDATION_ERROR',
      expect.stringMatching(/^unknown field "tags"; expected one of id, occurredAt/),
    ]);
    expect(refused(JSON.parse('{"metricType":"api_calls","__proto__":{}}'))[1]).toContain('__proto__');
    expect(refusedFor({ ['x'.repeat(1_000)]: 1 })[1].length).toBeLessThan(300);
  });
});

describe('id', () => {
  it('is a UUID in whatever case', () => {
    expect(taken({ id: ID.toUpperCase(), occurredAt: AT }).id).toBe(ID);
  });

  it.each([
    null,
    '',
    1,
    'x',
    `urn:uuid:${ID}`,
    `{${ID}}`,
    ID.replaceAll('-', ''),
    `${ID} `,
    `${ID.slice(0, -1)}g`,
  ])('is not %j', (id) => {
    expect(refusedFor({ id, occurredAt: AT })).toEqual([
      'VALIDATION_ERROR',
      expect.stringContaining('id must be a UUID'),
    ]);
  });

  it.each(['01890a5d-ac96-474b-bcce-b302099a8057', '01890a5d-ac96-774b-7cce-b302099a8057'])(
    'wants occurredAt with it, unless it is a UUIDv7: %s',
    (id) => {
      expect(refusedFor({ id })).toEqual(['VALIDATION_ERROR', expect.stringContaining('occurredAt')]);
    },
  );

  it.each([
    ['01890a5d-ac96-774b-bcce-b302099a8057', 'EVENT_TOO_OLD'],
    ['0fffffff-ffff-774b-bcce-b302099a8057', 'EVENT_IN_FUTURE'],
  ])('that is a UUIDv7 must have a time within the bounds: %s', (id, code) => {
    expect(refusedFor({ id })).toEqual([code, expect.stringMatching(/^the time of the id lies /)]);
  });
});

describe('occurredAt', () => {
  it.each([
    ['2026-03-10T08:00:00Z', '2026-03-10T08:00:00.000Z'],
    ['2026-03-10t08:00:00z', '2026-03-10T08:00:00.000Z'],
    ['2026-03-10T08:00:00.1Z', '2026-03-10T08:00:00.100Z'],
    ['2026-03-10T08:00:00.123999Z', '2026-03-10T08:00:00.123Z'],
    ['2026-03-10T08:00:00+05:45', '2026-03-10T02:15:00.000Z'],
    ['2026-03-10T23:00:00-02:30', '2026-03-11T01:30:00.000Z'],
    ['2025-02-28T23:59:59Z', '2025-02-28T23:59:59.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(new Date(taken({ occurredAt: text }).occurredAt).toISOString()).toBe(instant);
  });

  it.each([
    null,
    0,
    1_773_000_000_000,
    '',
    'now',
    '2026-03-10',
    '2026-03-10T08:00:00',
    '2026-03-10 08:00:00Z',
    '2026-02-29T08:00:00Z',
    '2026-03-10T24:00:00Z',
    '2026-03-10T08:60:00Z',
    '2026-03-10T08:00:60Z',
    '2026-03-10T08:00:00+24:00',
    '2026-03-10T08:00:00+0100',
    '2026-03-10T08:00Z',
  ])('is not %j', (occurredAt) => {
    expect(refusedFor({ occurredAt })).toEqual(['VALIDATION_ERROR', expect.stringContaining('RFC 3339')]);
  });

  it('lies not before the start of the retention', () => {
    expect(taken({ occurredAt: '2025-02-11T00:00:00Z' }).occurredAt).toBe(OLDEST);
    expect(refusedFor({ occurredAt: '2025-02-10T23:59:59.999Z' })).toEqual([
      'EVENT_TOO_OLD',
      expect.stringContaining('2025-02-11T00:00:00.000Z'),
    ]);
  });

  it('lies at most five minutes ahead', () => {
    expect(taken({ occurredAt: '2026-03-18T12:05:00Z' }).occurredAt).toBe(NOW + 300_000);
    expect(refusedFor({ occurredAt: '2026-03-18T12:05:00.001Z' })).toEqual([
      'EVENT_IN_FUTURE',
      expect.stringContaining('5 minutes'),
    ]);
  });
});

describe('agentId and userId', () => {
  const ID_128 = 'ä'.repeat(128);

  it.each(['a', 'a1b2', ID, ID_128, 'with:colon/and"quote', '日本'])('may be %j', (id) => {
    expect(taken({ agentId: id, userId: id })).toMatchObject({ agentId: id, userId: id });
  });

  it.each(['', ' ', 'a b', 'a\tb', 'a\nb', 'a\0b', '\u00a0', '\ud800', '\u202e', `${ID_128}x`, 1, {}, []])(
    'may not be %j',
    (id) => {
      expect(refusedFor({ agentId: id })).toEqual([
        'VALIDATION_ERROR',
        expect.stringMatching(/^agentId must be 1 to 128/),
      ]);
      expect(refusedFor({ userId: id })).toEqual([
        'VALIDATION_ERROR',
        expect.stringMatching(/^userId must be 1 to 128/),
      ]);
    },
  );

  it('may be null: the event is then the tenant’s own', () => {
    expect(taken({ agentId: null, userId: null })).toMatchObject({ agentId: null, userId: null });
  });
});

describe('the figures', () => {
  it.each([1, 2, 2_147_483_647])('count may be %d', (count) => {
    expect(taken({ count }).count).toBe(count);
  });

  it.each([0, -1, 1.5, 2_147_483_648, '1', null, true])('count may not be %j', (count) => {
    expect(refusedFor({ count })).toEqual(['VALIDATION_ERROR', expect.stringContaining('count must be')]);
  });

  it.each([100, 599, null])('status may be %j', (status) => {
    expect(taken({ status }).status).toBe(status);
  });

  it.each([99, 600, 200.5, '200', 0, true])('status may not be %j', (status) => {
    expect(refusedFor({ status })).toEqual(['VALIDATION_ERROR', expect.stringContaining('status must be')]);
  });

  it.each([0, 0.0001, 12.5, 1e12, null])('durationMs may be %j', (durationMs) => {
    expect(taken({ durationMs }).durationMs).toBe(durationMs);
  });

  it.each([-0.1, 1e12 + 1, '12', true])('durationMs may not be %j', (durationMs) => {
    expect(refusedFor({ durationMs })).toEqual([
      'VALIDATION_ERROR',
      expect.stringContaining('durationMs must be'),
    ]);
  });
});

describe('agentName and endpoint', () => {
  it('are texts', () => {
    const fields = { agentId: 'a', agentName: 'Billing bot ☃', endpoint: 'GET /agents/17?x=1' };
    expect(taken(fields)).toMatchObject(fields);
  });

  it('a name of no agent, and an empty one, are none', () => {
    expect(taken({ agentName: 'nobody' }).agentName).toBeNull();
    expect(taken({ agentId: 'a', agentName: '' }).agentName).toBeNull();
    expect(taken({ agentId: 'a', agentName: null }).agentName).toBeNull();
  });

  it.each([1, {}, 'a\0', 'x'.repeat(257)])('agentName may not be %j', (agentName) => {
    expect(refusedFor({ agentId: 'a', agentName })).toEqual([
      'VALIDATION_ERROR',
      expect.stringContaining('agentName must be'),
    ]);
  });

  it.each([1, {}, '', 'GET /\0', `GET /${'x'.repeat(2048)}`])('endpoint may not be %j', (endpoint) => {
    expect(refusedFor({ endpoint })).toEqual([
      'VALIDATION_ERROR',
      expect.stringContaining('endpoint must be'),
    ]);
  });
});
